import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import statistics as twin
from zc_bench.statistics.holm import holm

p_values = st.lists(st.one_of(st.floats(0, 1), st.just(math.nan)), max_size=8)


@given(p_values, st.floats(0.001, 0.5))
def test_rejects_what_stepping_down_rejects(values, alpha):
    adjusted = holm(np.array(values, float))
    # Rounding may decide a tie with the level either way.
    if not np.isclose(adjusted, alpha, rtol=1e-12).any():
        assert set(np.flatnonzero(adjusted <= alpha)) == twin.holm(values, alpha)


def test_multiplies_by_how_many_are_left():
    # 4 x 0.005, 3 x 0.01, 2 x 0.03, and 1 x 0.04 raised to the one before.
    adjusted = holm(np.array([0.01, 0.04, 0.03, 0.005]))
    assert adjusted == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(p_values)
def test_lies_between_the_p_value_and_that_of_bonferroni(values):
    raw = np.array(values, float)
    adjusted = holm(raw)
    tests = np.count_nonzero(~np.isnan(raw))
    np.testing.assert_array_equal(np.isnan(adjusted), np.isnan(raw))
    real = ~np.isnan(raw)
    assert (adjusted[real] >= raw[real]).all()
    assert (adjusted[real] <= np.minimum(raw[real] * tests, 1)).all()


def test_comparisons_that_were_none_count_for_nothing():
    np.testing.assert_array_equal(
        holm(np.array([math.nan, 0.02, math.nan, 0.5])), [math.nan, 0.04, math.nan, 0.5]
    )
