"""Rank statistics against scipy, and weighted ranks against their plain twin.

Repeat every value, then rank.
"""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from zc_bench.statistics.rank import (
    bootstrap_interval,
    kendall,
    resample,
    spearman,
    weighted_ranks,
    weighted_spearman,
)

# Few distinct values, so that ties are the rule; infinities stand for invalid scores.
numbers = st.one_of(
    st.integers(-3, 3).map(float), st.floats(-1e6, 1e6), st.sampled_from([-math.inf, math.inf])
)
pairs = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=30).map(
    lambda items: np.array(items).T
)
counts = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def is_constant(values):
    return len(set(values)) == 1


@given(pairs, counts)
def test_weighted_ranks_are_the_ranks_of_repeated_values(xy, generator):
    values = xy[0]
    repeats = generator.integers(0, 4, size=(len(values), 5))
    ranks = weighted_ranks(values, repeats.astype(float))
    for column in range(5):
        copies = repeats[:, column]
        expected = scipy.stats.rankdata(np.repeat(values, copies))
        np.testing.assert_array_equal(np.repeat(ranks[:, column], copies), expected)


@given(pairs, counts)
def test_weighted_spearman_is_the_spearman_of_repeated_pairs(xy, generator):
    x, y = xy
    repeats = generator.multinomial(len(x), np.full(len(x), 1 / len(x)), size=5).T
    rhos = weighted_spearman(x, y, repeats.astype(float))
    for column in range(5):
        x_copies, y_copies = (np.repeat(values, repeats[:, column]) for values in xy)
        if is_constant(x_copies) or is_constant(y_copies):
            assert math.isnan(rhos[column])
        else:
            expected = scipy.stats.spearmanr(x_copies, y_copies).statistic
            assert rhos[column] == pytest.approx(expected, abs=1e-12)


@given(pairs)
def test_spearman_and_kendall_are_those_of_scipy(xy):
    x, y = xy
    assume(not is_constant(x) and not is_constant(y))
    assert spearman(x, y) == pytest.approx(scipy.stats.spearmanr(x, y).statistic, abs=1e-12)
    # scipy's own warning about tiny samples concerns the p-value, so compare through ranks, which
    # change nothing.
    ranks = scipy.stats.rankdata(x), scipy.stats.rankdata(y)
    assert kendall(x, y) == pytest.approx(scipy.stats.kendalltau(*ranks).statistic, abs=1e-12)


@pytest.mark.parametrize("statistic", [spearman, kendall])
class TestProperties:
    @given(xy=pairs)
    def test_lies_between_minus_one_and_one(self, statistic, xy):
        value = statistic(*xy)
        assert math.isnan(value) or -1 <= value <= 1

    @given(xy=pairs)
    def test_depends_on_order_alone(self, statistic, xy):
        x, y = xy
        stretched = np.searchsorted(np.unique(x), x) ** 3 + 7.0
        np.testing.assert_equal(statistic(stretched, y), statistic(x, y))

    @given(xy=pairs)
    def test_changes_sign_with_either_side(self, statistic, xy):
        x, y = xy
        assert statistic(-x, y) == pytest.approx(-statistic(x, y), abs=1e-12, nan_ok=True)
        assert statistic(x, -y) == pytest.approx(-statistic(x, y), abs=1e-12, nan_ok=True)

    @given(xy=pairs)
    def test_is_one_with_itself(self, statistic, xy):
        assume(not is_constant(xy[0]))
        assert statistic(xy[0], xy[0]) == pytest.approx(1)

    def test_is_undefined_for_a_constant(self, statistic):
        x, constant = np.arange(4.0), np.ones(4)
        assert math.isnan(statistic(x, constant))
        assert math.isnan(statistic(constant, x))

    @pytest.mark.parametrize("n", [0, 1, 2])
    def test_is_undefined_for_fewer_than_three_points(self, statistic, n):
        assert math.isnan(statistic(np.arange(n) * 1.0, np.arange(n) * 1.0))


def test_the_interval_is_that_of_resamples_drawn_and_ranked_one_by_one():
    x = np.round(np.random.default_rng(0).normal(size=40), 1)
    y = x + np.random.default_rng(1).normal(size=40)
    drawn = np.random.default_rng(2).integers(40, size=(450, 40))
    rhos = [scipy.stats.spearmanr(x[index], y[index]).statistic for index in drawn]
    expected = np.quantile(rhos, [0.05, 0.95])
    interval = bootstrap_interval(x, y, resample(40, 450, np.random.default_rng(2)), confidence=0.9)
    assert interval == pytest.approx(expected, abs=1e-12)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    generator = np.random.default_rng(0)
    truth = 6 / math.pi * math.asin(0.6 / 2)  # of a bivariate normal with Pearson correlation 0.6
    covered = 0
    for _ in range(200):
        x, noise = generator.normal(size=(2, 100))
        low, high = bootstrap_interval(
            x, 0.6 * x + 0.8 * noise, resample(100, 200, generator), confidence=0.9
        )
        covered += low <= truth <= high
    assert 165 <= covered <= 195


@pytest.mark.parametrize(
    ("x", "y"), [([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [1, 1, 1]), ([1, 2], [1, 2]), ([], [])]
)
def test_there_is_no_interval_without_a_rho(x, y):
    x, y = np.array(x, float), np.array(y, float)
    counts = resample(len(x), 10, np.random.default_rng(0))
    interval = bootstrap_interval(x, y, counts, confidence=0.9)
    assert all(math.isnan(end) for end in interval)


def test_there_is_no_interval_if_every_resample_is_constant():
    x = np.array([0.0] * 50 + [1.0])
    # Seed 0 draws the only 1 not even once.
    assert 50 not in np.random.default_rng(0).integers(51, size=51)
    counts = resample(51, 1, np.random.default_rng(0))
    interval = bootstrap_interval(x, x, counts, confidence=0.9)
    assert all(math.isnan(end) for end in interval)
