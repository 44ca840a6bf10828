import numpy as np
import pytest
import scipy.stats

from reference import statistics as twin
from zc_bench.statistics.partial import partial_spearman
from zc_bench.statistics.rank import resample
from zc_bench.statistics.rank_matrix import partial_correlation, rank_covariances


@pytest.fixture
def values():
    generator = np.random.default_rng(0)
    # Few distinct values, so that ties are the rule.
    return generator.integers(0, 9, (60, 5)).astype(float) + generator.integers(0, 5, (60, 1))


def test_every_resample_is_ranked_again(values):
    drawn = np.random.default_rng(1).integers(60, size=(7, 60))
    counts = np.array([np.bincount(row, minlength=60) for row in drawn], float).T
    rhos = partial_correlation(rank_covariances(values, counts), 0, 3)
    expected = [scipy.stats.spearmanr(values[row, 0], values[row, 3]).statistic for row in drawn]
    assert rhos == pytest.approx(expected)


def test_partial_is_that_of_the_inverse_and_of_residuals(values):
    covariances = rank_covariances(values, np.ones((60, 1)))
    (found,) = partial_correlation(covariances, 0, 1, (2, 3, 4))
    assert found == pytest.approx(twin.partial_by_inverse(values[:, :2], values[:, 2:]))
    assert found == pytest.approx(partial_spearman(values[:, :2], values[:, 2:])[0, 1])


def test_given_quantities_may_depend_on_each_other(values):
    doubled = np.column_stack([values, 2 * values[:, 2]])
    covariances = rank_covariances(doubled, np.ones((60, 1)))
    (once,), (twice,) = (partial_correlation(covariances, 0, 1, given) for given in ((2,), (2, 5)))
    assert once == pytest.approx(twice)


def test_what_is_explained_or_constant_has_none(values):
    values[:, 4] = 1
    covariances = rank_covariances(values, np.ones((60, 1)))
    assert np.isnan(partial_correlation(covariances, 0, 4))
    assert np.isnan(partial_correlation(covariances, 0, 1, (0,)))


def test_blocks_change_nothing(values, monkeypatch):
    counts = resample(60, 25, np.random.default_rng(0))
    whole = rank_covariances(values, counts)
    monkeypatch.setattr("zc_bench.statistics.rank_matrix._BLOCK", 4)
    assert rank_covariances(values, counts) == pytest.approx(whole, rel=1e-12)
