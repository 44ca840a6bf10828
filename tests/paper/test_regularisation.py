"""The bell curves."""

import numpy as np
import pytest

from zc_bench.figures import draw_regularisation, regularisation_data


def curves():
    return regularisation_data((0.5, 2.0), (0.1, 1.5), 1.5, "K")


def test_curves_are_those_of_equation_5():
    frame = curves()
    # Parameters are counted, so a size is a whole number of them; where it is half a thousandth off, f hardly changes.
    expected = np.exp(-((frame["size"] - frame["mu"]) ** 2) / frame["sigma"])
    assert frame["f"].to_numpy() == pytest.approx(expected.to_numpy(), abs=2e-3)
    assert (frame.groupby(["mu", "sigma"])["f"].max() > 0.9999).all()


def test_each_family_has_a_panel():
    left, right = draw_regularisation(curves(), "K").axes
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["μ = 0.5", "μ = 2"]
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["σ = 0.1", "σ = 1.5"]
    assert (left.get_title(loc="left"), right.get_title(loc="left")) == ("σ = 1.5", "μ = 1.5")
