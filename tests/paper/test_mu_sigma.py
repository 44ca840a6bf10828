"""mu and sigma: against the proxy itself, and where the product form underflows."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from correlated import make_rows
from zc_bench.errors import ZcBenchError
from zc_bench.paper.mu_sigma import (
    BOTH,
    MU,
    NONE,
    SIGMA,
    draw_mu_sigma,
    mu_sigma_data,
    size_levels,
)
from zc_bench.proxies.reg_swap import Regularisation, reg_swap

SIZES = np.array([0.3, 1.0, 3.0, 31.0])


@pytest.fixture(scope="module")
def rows():
    frame = make_rows(("swap", "params"), space="nb101", seeds=3, n=40)
    of_swap = frame["proxy"] == "swap"
    frame["score"] = frame["score"].where(of_swap, frame["score"] * 0.3)
    frame["score"] = frame["score"].where(~of_swap, frame["score"].mul(1000).round())
    return frame


@pytest.fixture(scope="module")
def data(rows):
    return mu_sigma_data(rows, SIZES, "nb101, cifar10")


def twin(rows, group, mu, sigma):
    """Score every architecture with the proxy; a bell of zero makes the score zero."""
    trials = rows[rows["seed"] == group - 1].pivot_table(
        index="architecture", columns="proxy", values=["score", "truth"]
    )
    scores = []
    for swap, size in trials["score"][["swap", "params"]].itertuples(index=False):
        (score,) = reg_swap(np.array([swap]), np.array([size]), Regularisation(mu, sigma))
        scores.append(0.0 if np.isnan(score) else float(score))
    return spearmanr(scores, trials["truth"]["swap"]).statistic, np.mean(np.array(scores) == 0)


def test_levels_are_those_of_the_paper():
    levels = size_levels(SIZES)
    assert (levels[0], levels[-2:]) == (0.3, [31.0, 40.0])


def test_product_is_what_the_proxy_gives(rows, data):
    regularised = data.table[data.table["block"] != NONE]
    assert len(regularised) == 3 * 7 * 3
    for row in regularised.iloc[::5].itertuples():
        rho, zero = twin(rows, row.group, row.mu, row.sigma)
        assert (row.product, row.zero) == (pytest.approx(rho, abs=1e-12), zero)


def test_forms_agree_unless_bells_are_zero(data):
    whole = data.table[data.table["zero"] == 0]
    assert len(whole) > 20
    assert whole["product"].to_numpy() == pytest.approx(whole["logarithm"].to_numpy(), abs=1e-9)
    narrow = data.table.query("block == @SIGMA and sigma == 0.3")
    assert (narrow["zero"] > 0.3).all()
    assert (narrow["logarithm"] > narrow["product"]).all()


def test_the_best_of_a_block_is_fixed_in_the_next(data):
    means = data.wide().set_index("block")
    both, sigma = means.loc[BOTH], means.loc[SIGMA]
    assert set(sigma["mu"]) == {both.set_index("mu")["mean"].idxmax()}
    assert set(means.loc[MU, "sigma"]) == {sigma.set_index("sigma")["mean"].idxmax()}


def test_without_regularisation_it_is_swap(rows, data):
    none = data.table.set_index("block").loc[NONE]
    for group, rho in zip(none["group"], none["product"], strict=True):
        swap = rows[(rows["seed"] == group - 1) & (rows["proxy"] == "swap")]
        assert rho == pytest.approx(spearmanr(swap["score"], swap["truth"]).statistic)


def test_the_wide_table_has_a_column_per_group(data):
    wide = data.wide()
    assert list(wide) == [
        "block",
        "mu",
        "sigma",
        "group 1",
        "group 2",
        "group 3",
        "mean",
        "logarithm",
        "zero",
    ]
    assert wide["mean"].to_numpy() == pytest.approx(
        wide[["group 1", "group 2", "group 3"]].mean(axis=1).to_numpy()
    )


def test_the_picture_crosses_out_zero_bells(data):
    figure = draw_mu_sigma(data)
    assert [axes.get_title(loc="left").split(",")[0] for axes in figure.axes] == [
        "μ and σ vary together",
        "σ varies",
        "μ varies",
    ]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "some bells are zero in float64" in labels


def test_too_few_trials_are_refused(rows):
    with pytest.raises(ZcBenchError, match="it needs three architectures"):
        mu_sigma_data(rows.groupby(["seed", "proxy"]).head(2), SIZES, "")
