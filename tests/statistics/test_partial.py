import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from reference import statistics as twin
from zc_bench.statistics.partial import partial_spearman

seeds = st.integers(0, 2**32 - 1)


def correlated(seed, columns, n=30, digits=1):
    """Columns that depend on each other, with ties."""
    generator = np.random.default_rng(seed)
    return (generator.normal(size=(n, columns)) @ generator.normal(size=(columns, columns))).round(
        digits
    )


@given(seeds)
def test_given_nothing_is_the_spearman_of_scipy(seed):
    values = correlated(seed, 4)
    expected = scipy.stats.spearmanr(values).statistic
    np.testing.assert_allclose(partial_spearman(values, values[:, :0]), expected, atol=1e-12)


@given(seeds)
def test_given_one_is_the_formula_of_kendall(seed):
    x, y, z = correlated(seed, 3).T
    partial = partial_spearman(np.column_stack([x, y]), z[:, None])
    assert partial[0, 1] == pytest.approx(twin.partial_by_formula(x, y, z), abs=1e-7)


@given(seeds, st.integers(1, 4))
def test_given_several_is_in_the_inverse_of_the_correlation_matrix(seed, number):
    columns = correlated(seed, 2 + number)
    assume(np.linalg.cond(scipy.stats.spearmanr(columns).statistic) < 1e6)
    partial = partial_spearman(columns[:, :2], columns[:, 2:])
    assert (
        partial[0, 1]
        == partial[1, 0]
        == pytest.approx(twin.partial_by_inverse(columns[:, :2], columns[:, 2:]), abs=1e-7)
    )


def test_given_the_same_twice_is_given_it_once():
    columns = correlated(0, 3)
    x, z = columns[:, :2], columns[:, 2:]
    twice = np.column_stack([z, z**3])
    np.testing.assert_allclose(partial_spearman(x, twice), partial_spearman(x, z), atol=1e-12)


def test_sees_through_a_common_cause():
    generator = np.random.default_rng(0)
    size = generator.normal(size=2000)
    x, y = size + 0.3 * generator.normal(size=(2, 2000))
    values = np.column_stack([x, y])
    assert partial_spearman(values, values[:, :0])[0, 1] > 0.8
    assert partial_spearman(values, size[:, None])[0, 1] == pytest.approx(0, abs=0.06)


@pytest.mark.parametrize("explained", [0, 1])
def test_undefined_for_a_constant_and_for_what_is_explained(explained):
    x, y, z = correlated(0, 3).T
    for other in (np.ones_like(x), z**3, -z):
        values = [x, y]
        values[explained] = other
        partial = partial_spearman(np.column_stack(values), z[:, None])
        assert np.isnan(partial[0, 1])
        assert np.isnan(partial[explained, explained])
        assert partial[1 - explained, 1 - explained] == pytest.approx(1)


@pytest.mark.parametrize(("n", "g"), [(0, 0), (2, 0), (3, 1), (4, 2)])
def test_undefined_for_too_few_points(n, g):
    partial = partial_spearman(correlated(0, 2, n=n), correlated(1, g, n=n))
    assert partial.shape == (2, 2)
    assert np.isnan(partial).all()


def test_three_points_beyond_the_given_are_enough():
    x, y, z = np.array([[1.0, 4, 2, 3], [2.0, 3, 1, 4], [1.0, 2, 4, 3]])
    partial = partial_spearman(np.column_stack([x, y]), z[:, None])
    assert partial[0, 1] == pytest.approx(twin.partial_by_formula(x, y, z))


def test_a_large_space_leaves_only_rounding_of_what_is_explained():
    columns = correlated(0, 3, n=15625, digits=6)
    explained = partial_spearman(np.column_stack([columns, columns[:, :1] ** 3]), columns)
    assert np.isnan(explained).all()
