"""Activation patterns and the size of the images."""

import numpy as np
import pytest

from correlated import make_report, make_rows
from zc_bench.paper.patterns import draw_patterns, patterns_data

PROXIES = ("swap", "reg_swap", "linear_regions")


@pytest.fixture
def table():
    rows = {pixels: make_rows(PROXIES, seeds=1) for pixels in (3, 32)}
    rows[32].loc[rows[32]["proxy"] == "linear_regions", "score"] = 32.0
    return rows, patterns_data(
        rows, {pixels: make_report(trials) for pixels, trials in rows.items()}
    )


def test_rows_are_in_the_order_of_the_paper(table):
    order = [
        (proxy, pixels) for proxy in ("linear_regions", "swap", "reg_swap") for pixels in (3, 32)
    ]
    assert list(zip(table[1]["proxy"], table[1]["pixels"], strict=True)) == order


def test_mean_and_deviation_are_over_architectures(table):
    rows, frame = table
    for row in frame.itertuples():
        scores = rows[row.pixels].query("proxy == @row.proxy")["score"]
        assert (row.mean, row.deviation) == pytest.approx((np.mean(scores), np.std(scores, ddof=1)))


def test_equal_scores_have_no_rho_and_the_legend_says_so(table):
    figure = draw_patterns(table[1])
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [
        "standard activation patterns; undefined for 32×32",
        "sample-wise patterns (swap)",
        "regularised (reg_swap)",
    ]
