import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import statistics as twin
from zc_bench.errors import ZcBenchError
from zc_bench.statistics.selection import (
    best_rank_at_k,
    ndcg_at_k,
    precision_at_k,
    regret_at_k,
    resolve_k,
)

# Few distinct values, so that ties are the rule; minus infinity stands for an invalid score.
scores = st.one_of(st.integers(0, 3).map(float), st.just(-math.inf))
architectures = st.lists(st.tuples(scores, st.integers(0, 4).map(float)), min_size=1, max_size=7)
PAIRS = [
    (precision_at_k, twin.precision),
    (best_rank_at_k, twin.best_rank),
    (regret_at_k, twin.regret),
]


@pytest.mark.parametrize(("statistic", "reference"), PAIRS)
@given(items=architectures, data=st.data())
def test_is_the_mean_over_all_tie_breaks(statistic, reference, items, data):
    x, y = np.array(items).T
    k = data.draw(st.integers(1, len(items)))
    assert statistic(x, y, k) == pytest.approx(reference(x, y, k), abs=1e-12)


def test_by_hand():
    x = np.array([9.0, 8.0, 7.0, 1.0, 2.0])
    y = np.array([70.0, 90.0, 60.0, 95.0, 80.0])
    assert [precision_at_k(x, y, k) for k in (1, 2, 3)] == [0, 1 / 2, 1 / 3]
    assert [best_rank_at_k(x, y, k) for k in (1, 2, 4, 5)] == [4, 2, 2, 1]
    assert [regret_at_k(x, y, k) for k in (1, 2, 5)] == [25, 5, 0]


@pytest.mark.parametrize("k", [1, 10, 50, 1000])
def test_a_constant_score_is_the_random_choice(k):
    constant, truth = np.zeros(1000), np.random.default_rng(0).normal(size=1000)
    assert precision_at_k(constant, truth, k) == pytest.approx(k / 1000)
    assert best_rank_at_k(constant, truth, k) == pytest.approx(1001 / (k + 1))
    if k == 1:
        assert regret_at_k(constant, truth, k) == pytest.approx(truth.max() - truth.mean())


def test_large_spaces_do_not_overflow():
    constant, truth = np.zeros(15625), np.random.default_rng(0).normal(size=15625)
    assert best_rank_at_k(constant, truth, 0.05) == pytest.approx(15626 / 782)


@pytest.mark.parametrize("k", [1, 3, 0.5])
def test_the_truth_itself_is_the_best_choice(k):
    truth = np.array([3.0, 1.0, 2.0, 5.0])
    assert (
        precision_at_k(truth, truth, k),
        best_rank_at_k(truth, truth, k),
        regret_at_k(truth, truth, k),
    ) == (1, 1, 0)


@pytest.mark.parametrize(
    ("k", "n", "count"), [(1, 1, 1), (10, 10, 10), (0.05, 1000, 50), (0.05, 3, 1), (0.07, 100, 7)]
)
def test_k_is_a_number_or_a_share(k, n, count):
    assert resolve_k(k, n) == count


@pytest.mark.parametrize("k", [0, -1, 11, 1.0, 1.5, -0.5, math.nan])
@pytest.mark.parametrize("statistic", [precision_at_k, best_rank_at_k, regret_at_k])
def test_refuses_a_k_out_of_range(statistic, k):
    with pytest.raises(
        ZcBenchError, match="of 10 architectures: expected a whole number from 1 to 10, or a share"
    ):
        statistic(np.arange(10.0), np.arange(10.0), k)


def test_refuses_to_choose_from_nothing():
    with pytest.raises(ZcBenchError, match=r"k = 0\.05 of 0 architectures"):
        regret_at_k(np.array([]), np.array([]), 0.05)


@given(items=architectures, data=st.data())
def test_ndcg_is_the_mean_over_all_tie_breaks(items, data):
    x, y = np.array(items).T
    k = data.draw(st.integers(1, len(items)))
    found = ndcg_at_k(x, y, k)
    if len(set(y)) == 1:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(twin.ndcg(x, y, k), abs=1e-12)


def test_ndcg_is_that_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(0)
    x, y = generator.integers(0, 30, 200).astype(float), generator.uniform(50, 90, 200)
    for k in (1, 5, 50, 200):
        expected = metrics.ndcg_score([y - y.min()], [x], k=k)
        assert ndcg_at_k(x, y, k) == pytest.approx(expected)
