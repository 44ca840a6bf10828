import math
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from reference import statistics as twin
from zc_bench.errors import ZcBenchError
from zc_bench.statistics import pairs
from zc_bench.statistics.pairs import bootstrap_spearman, compare_pairs


def made_up(n=40, seed=0):
    """Scores of a good, a middling and a poor proxy, rounded so that ties occur, and the truth."""
    generator = np.random.default_rng(seed)
    truth = generator.normal(size=n).round(1)
    scores = {
        name: (truth + noise * generator.normal(size=n)).round(1)
        for name, noise in zip("abc", (0.5, 1, 3), strict=True)
    }
    return pd.DataFrame(scores), pd.Series(truth)


def test_equals_resamples_drawn_and_ranked_one_by_one():
    scores, truth = made_up()
    frame = compare_pairs(scores, truth, np.random.default_rng(2), resamples=150, confidence=0.9)
    drawn = np.random.default_rng(2).integers(40, size=(150, 40))
    assert list(zip(frame["proxy"], frame["other"], strict=True)) == [
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    ]
    for row in frame.to_dict("records"):
        one, two = (scores[row[side]].to_numpy() for side in ("proxy", "other"))
        differences = twin.paired_differences(one, two, truth.to_numpy(), drawn)
        everything = np.arange(40)[None]
        (difference,) = twin.paired_differences(one, two, truth.to_numpy(), everything)
        assert row["difference"] == pytest.approx(difference)
        assert (row["low"], row["high"]) == pytest.approx(np.quantile(differences, [0.05, 0.95]))
        z = difference / differences.std(ddof=1)
        assert row["p_value"] == pytest.approx(
            2 * min(scipy.stats.norm.cdf(z), scipy.stats.norm.cdf(-z))
        )


def test_memory_bounds_change_nothing(monkeypatch):
    scores, truth = made_up()
    whole, parts = np.random.default_rng(0), np.random.default_rng(0)
    expected = bootstrap_spearman(scores.to_numpy(), truth.to_numpy(), whole, resamples=100)
    monkeypatch.setattr(pairs, "_CELLS", 7 * 40)
    np.testing.assert_array_equal(
        bootstrap_spearman(scores.to_numpy(), truth.to_numpy(), parts, resamples=100), expected
    )


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(pairs, "_CELLS", 20_000)
    scores, truth = np.random.default_rng(0).normal(size=(2, 1000))
    tracemalloc.start()
    bootstrap_spearman(scores[:, None], truth, np.random.default_rng(0), resamples=1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e6  # all resamples at once would take 8 MB for their counts alone


def test_p_values_are_corrected_for_all_pairs():
    frame = compare_pairs(*made_up(), np.random.default_rng(0))
    smallest = frame["p_value"].idxmin()
    assert frame["p_holm"][smallest] == pytest.approx(min(1, 3 * frame["p_value"][smallest]))
    assert (frame["p_holm"] >= frame["p_value"]).all()


def test_proxies_that_rank_alike_do_not_differ():
    scores, truth = made_up()
    frame = compare_pairs(
        pd.DataFrame({"a": scores["a"], "b": scores["a"] ** 3}), truth, np.random.default_rng(0)
    )
    assert frame[["difference", "low", "high", "p_value", "p_holm"]].to_numpy().tolist() == [
        [0, 0, 0, 1, 1]
    ]


def test_a_perfect_proxy_and_its_opposite_differ_for_sure():
    truth = pd.Series(np.arange(20.0))
    frame = compare_pairs(
        pd.DataFrame({"a": truth, "b": -truth}), truth, np.random.default_rng(0), resamples=50
    )
    assert frame[["difference", "low", "high", "p_value"]].to_numpy().tolist() == [[2, 2, 2, 0]]


def test_swapping_a_pair_changes_signs_alone():
    scores, truth = made_up()
    one = compare_pairs(scores[["a", "b"]], truth, np.random.default_rng(0)).iloc[0]
    two = compare_pairs(scores[["b", "a"]], truth, np.random.default_rng(0)).iloc[0]
    assert (one["difference"], one["low"], one["high"]) == pytest.approx(
        (-two["difference"], -two["high"], -two["low"])
    )
    assert one["p_value"] == pytest.approx(two["p_value"])


def test_a_constant_proxy_is_compared_with_none_and_costs_the_others_nothing():
    scores, truth = made_up()
    frame = compare_pairs(scores.assign(b=1.0), truth, np.random.default_rng(0)).set_index(
        ["proxy", "other"]
    )
    assert frame.loc[[("a", "b"), ("b", "c")]].drop(columns="n").isna().all(axis=None)
    assert frame.loc[("a", "c"), "p_holm"] == frame.loc[("a", "c"), "p_value"]


def test_invalid_scores_rank_last():
    scores, truth = made_up()
    worst = scores.copy()
    worst.loc[:5, "a"] = -math.inf
    low = worst.replace(-math.inf, -99)
    one, two = (compare_pairs(s, truth, np.random.default_rng(0)) for s in (worst, low))
    pd.testing.assert_frame_equal(one, two)


def test_there_is_no_judgement_if_every_resample_is_constant():
    rare = pd.Series([0.0] * 50 + [1.0])
    scores = pd.DataFrame({"a": rare, "b": -rare})
    (row,) = compare_pairs(scores, rare, OnlyZeros(), resamples=5).to_dict("records")
    assert row["difference"] == 2
    assert all(math.isnan(row[column]) for column in ("low", "high", "p_value", "p_holm"))


class OnlyZeros:
    """A generator that draws the first architecture every time."""

    def integers(self, _high, size):
        return np.zeros(size, dtype=np.int64)


def test_one_proxy_has_no_pairs():
    scores, truth = made_up()
    frame = compare_pairs(scores[["a"]], truth, np.random.default_rng(0))
    assert frame.empty
    assert list(frame)[:6] == ["proxy", "other", "difference", "low", "high", "p_value"]
    assert list(frame)[6:] == ["p_holm", "error", "n"]


def test_needs_two_resamples():
    with pytest.raises(
        ZcBenchError, match="resamples = 1 produces no standard error: take at least 2"
    ):
        compare_pairs(*made_up(), np.random.default_rng(0), resamples=1)
