import numpy as np
import pandas as pd
import pytest
from scipy import stats

from zc_bench.figures import draw_regret, regret_data, save


@pytest.fixture
def history():
    """Two algorithms, three seeds; the third search of one ends early."""
    rows = [
        (name, seed, evaluation, 90 + seed + evaluation / 10)
        for name in ("swap_nas", "random_search")
        for seed in range(3)
        for evaluation in range(1, 6 if (name, seed) != ("swap_nas", 2) else 4)
    ]
    return pd.DataFrame(rows, columns=["algorithm", "seed", "evaluation", "truth_of_best"])


def test_the_mean_is_over_seeds_and_a_search_that_ended_stays(history):
    data = regret_data(history, 95.0, "accuracy, percent", "nb201, cifar10")
    at_5 = [95 - 90.5, 95 - 91.5, 95 - 92.3]
    curve = data.curves["swap_nas"].loc[5]
    assert curve["mean"] == pytest.approx(np.mean(at_5))
    low, high = stats.t.interval(0.95, 2, np.mean(at_5), stats.sem(at_5))
    assert (curve["low"], curve["high"]) == pytest.approx((low, high))
    assert data.seeds == 3
    assert list(dict.fromkeys(data.curves.columns.get_level_values(0))) == [
        "swap_nas",
        "random_search",
    ]


def test_it_is_drawn(history, tmp_path):
    figure = draw_regret(regret_data(history, 95.0, "accuracy, percent", "nb201, cifar10"))
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "swap nas",
        "random search",
    ]
    assert len({line.get_linestyle() for line in axes.get_lines()}) == 2
    png, pdf = save(figure, tmp_path, "regret")
    assert png.exists()
    assert pdf.exists()
