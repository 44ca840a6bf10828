"""Our searches beside the published ones."""

import numpy as np
import pandas as pd
import pytest

from zc_bench.paper.search_cost import draw_search_cost, mean_cost, search_cost_data
from zc_bench.paper.searches import SearchesData


@pytest.fixture
def data():
    found = pd.DataFrame(
        {
            "mu": [0.5, 0.5, 2.1],
            "seed": [0, 1, 0],
            "architecture": ["a", "b", "c"],
            "parameters": [700, 900, 2100],
            "stacked": [2_000_000, 3_000_000, 4_000_000],
            "scored": [100, 100, 100],
            "seconds": [60.0, 120.0, 8640.0],
        }
    )
    return SearchesData(found, "darts_search, cifar10")


def test_published_rows_come_first_and_ours_have_no_error(data):
    table = search_cost_data(data, "table1")
    assert list(table["method"]) == [
        *(f"SWAP-NAS-{name}, published" for name in "ABC"),
        *["ours"] * 3,
    ]
    assert list(table["error"][:3]) == [2.65, 2.54, 2.48]
    assert table["error"][3:].isna().all()
    assert list(table["minutes"]) == pytest.approx([5.76] * 3 + [1, 2, 144])
    assert list(table["days"]) == pytest.approx([0.004] * 3 + [60 / 86400, 120 / 86400, 0.1])
    assert list(table["parameters"][3:]) == [2e6, 3e6, 4e6]


def test_the_second_table_has_both_errors(data):
    row = search_cost_data(data, "table2").iloc[0]
    assert (row["error"], row["top5_error"], row["days"]) == (24.0, 7.6, 0.006)


def test_means_are_by_method_and_mu(data):
    means = mean_cost(search_cost_data(data, "table1"))
    assert list(means["searches"]) == [1, 1, 1, 2, 1]
    ours = means[means["method"] == "ours"]
    assert list(ours["minutes"]) == pytest.approx([1.5, 144])
    assert list(ours["parameters"]) == [2.5e6, 4e6]


def test_every_search_is_a_dot_and_the_published_time_a_line(data):
    (axes,) = draw_search_cost(search_cost_data(data, "table1"), "title").axes
    dots = np.concatenate([collection.get_offsets() for collection in axes.collections])
    np.testing.assert_allclose(dots, [[1, 2], [2, 3], [144, 4]])
    assert axes.lines[0].get_xdata()[0] == pytest.approx(5.76)
