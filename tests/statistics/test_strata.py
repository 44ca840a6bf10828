import math

import numpy as np
import pytest
import scipy.stats

from zc_bench.statistics.strata import strata_of, within_strata


def test_is_the_weighted_mean_of_rho_within():
    generator = np.random.default_rng(0)
    strata = np.repeat([0, 1, 2], [10, 30, 3])
    x, y = generator.integers(0, 8, 43).astype(float), generator.normal(size=43)
    rhos = [scipy.stats.spearmanr(x[strata == s], y[strata == s]).statistic for s in (0, 1)]
    found = within_strata(x, y, strata)
    assert found.rho == pytest.approx((9 * rhos[0] + 29 * rhos[1]) / 38)
    assert (found.strata, found.n) == (2, 40)
    pairs = [(x[i], x[j]) for i in range(40) for j in range(i) if strata[i] == strata[j]]
    assert found.tied == pytest.approx(np.mean([one == other for one, other in pairs]))


def test_the_error_is_that_of_independence():
    generator = np.random.default_rng(0)
    strata = np.repeat(range(8), 12)
    y = generator.integers(0, 5, 96).astype(float)
    rhos = [within_strata(generator.permutation(96.0 * y), y, strata).rho for _ in range(1500)]
    assert np.std(rhos) == pytest.approx(within_strata(y, y, strata).error, rel=0.06)


def test_a_score_that_is_constant_within_strata_ranks_nothing_there():
    strata = np.repeat([0, 1], 10)
    found = within_strata(strata.astype(float), np.arange(20.0), strata)
    assert (found.rho, found.tied) == (0, 1)


def test_without_a_stratum_there_is_none():
    assert math.isnan(within_strata(np.arange(4.0), np.arange(4.0), np.arange(4)).rho)


def test_sizes_that_repeat_are_taken_as_they_are_and_others_binned():
    depth = np.repeat([1.0, 2.0], 100)
    assert len(set(strata_of(depth, np.tile(np.repeat([5.0, 6.0], 50), 2)))) == 4
    assert len(set(strata_of(depth, np.arange(200.0)))) == 10
