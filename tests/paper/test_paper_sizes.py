"""The sizes of networks, and the bell curves over them."""

import numpy as np
import pytest

from zc_bench.engine.architectures import largest_size
from zc_bench.figures import draw_sizes
from zc_bench.paper.sizes import draw_regularisation, regularisation_data, sizes_data
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry


@pytest.mark.parametrize(
    ("space", "task"), [("darts_cell", "cifar10"), ("darts_cell", "imagenet"), ("nb201", "cifar10")]
)
def test_sizes_are_those_of_the_networks(space, task):
    data = sizes_data(space, task, "K", 3)
    for row in data.sizes.itertuples():
        network = space_registry[space].build(
            space_registry[space].parse(row.architecture), task_registry[task]
        )
        assert row.parameters == sum(parameter.numel() for parameter in network.parameters())


def test_the_largest_is_where_the_rule_puts_mu():
    assert sizes_data("nb201", "cifar10", "M", 1000).sizes["parameters"].max() == largest_size(
        "nb201", "cifar10"
    )


def test_ranges_are_those_of_the_paper():
    # Section 4.3: 0.5 to 2.5 KB; appendix A: 25 to 27.5 KB, with a classifier of 1000 classes.
    small, large = (
        sizes_data("darts_cell", task, "K", 1000).in_units for task in ("cifar10", "imagenet")
    )
    assert small.quantile(0.01) == pytest.approx(0.5, abs=0.1)
    assert small.max() == pytest.approx(2.5, abs=0.2)
    assert (large - small).unique() == pytest.approx(24.75)  # 25 weights for each of 990 classes


def test_the_title_tells_the_range():
    data = sizes_data("darts_cell", "cifar10", "K", 50)
    (axes,) = draw_sizes(data).axes
    sizes = data.in_units
    assert axes.get_title(loc="left").splitlines() == [
        "darts_cell, cifar10",
        f"50 architectures: {sizes.min():.3g} to {sizes.max():.3g}, median {sizes.median():.3g}",
    ]
    assert sum(bar.get_height() for bar in axes.patches) == 50


def curves():
    return regularisation_data((0.5, 2.0), (0.1, 1.5), 1.5, "K")


def test_curves_are_those_of_equation_5():
    frame = curves()
    # A size is a whole number of parameters, so up to half a thousandth off.
    expected = np.exp(-((frame["size"] - frame["mu"]) ** 2) / frame["sigma"])
    assert frame["f"].to_numpy() == pytest.approx(expected.to_numpy(), abs=2e-3)
    assert (frame.groupby(["mu", "sigma"])["f"].max() > 0.9999).all()


def test_each_family_has_a_panel():
    left, right = draw_regularisation(curves(), "K").axes
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["μ = 0.5", "μ = 2"]
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["σ = 0.1", "σ = 1.5"]
    assert (left.get_title(loc="left"), right.get_title(loc="left")) == ("σ = 1.5", "μ = 1.5")
