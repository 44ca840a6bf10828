import math

import numpy as np
import pytest
import scipy.stats

from zc_bench.statistics.seeds import heterogeneity, over_seeds, standard_error


def test_alike_seeds_have_the_errors_of_their_bootstraps():
    found = over_seeds([0.5, 0.5, 0.5, 0.5], [0.1] * 4)
    assert (found.mean, found.seeds) == (0.5, 4)
    assert found.high - found.mean == pytest.approx(1.959964 * 0.05)
    assert found.p_value == pytest.approx(2 * scipy.stats.norm.sf(10))


def test_seeds_that_differ_far_beyond_their_errors_are_student_s():
    values = [0.2, 0.5, 0.9]
    found = over_seeds(values, [1e-9] * 3, limit=2)
    t = scipy.stats.ttest_1samp(values, 0)
    assert found.p_value == pytest.approx(t.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(t.confidence_interval(0.95)))


def test_two_seeds_have_the_interval_of_one():
    found = over_seeds([0.1, 0.5], [0.1, 0.1])
    assert found.low == pytest.approx(0.3 - 1.959964 * 0.1)
    assert found.seeds == 2


def test_an_interval_ends_where_values_end():
    assert over_seeds([0.9], [0.3]).high == 1
    assert over_seeds([0.9], [0.3], limit=2).high == pytest.approx(0.9 + 1.959964 * 0.3)


def test_undefined_seeds_do_not_count():
    assert over_seeds([0.5, math.nan], [0.1, 0.1]) == over_seeds([0.5], [0.1])
    assert all(map(math.isnan, over_seeds([math.nan], [0.1])[:4]))


@pytest.mark.parametrize("between", [0.0, 0.5, 2.0])
def test_intervals_hold_the_true_value_as_often_as_they_say(between):
    """Simulated: noise of architectures of standard deviation 1, and noise of whole seeds."""
    generator = np.random.default_rng(round(10 * between))
    held = [
        found.low <= 0 <= found.high
        for found in (
            over_seeds(generator.normal(0, math.hypot(1, between), 5), [1.0] * 5)
            for _ in range(2000)
        )
    ]
    # Where it errs, it errs towards wide intervals, but for large noise of few seeds.
    assert 0.915 <= np.mean(held) <= 0.99


def test_heterogeneity_is_uniform_where_there_is_none_and_small_where_there_is():
    generator = np.random.default_rng(0)
    p_values = [heterogeneity(generator.normal(0, 0.1, 5), [0.1] * 5) for _ in range(500)]
    assert scipy.stats.kstest(p_values, "uniform").pvalue > 0.01
    assert heterogeneity([0.0, 0.8], [0.02, 0.02]) < 1e-10
    assert math.isnan(heterogeneity([0.5], [0.1]))


def test_standard_error_leaves_undefined_resamples_out():
    assert standard_error(np.array([1.0, math.nan, 3.0])) == pytest.approx(math.sqrt(2))
    assert math.isnan(standard_error(np.array([1.0])))
