"""Many comparisons: p-values that hold for all of them together."""

import numpy as np

from zc_bench.statistics.rank import Floats


def holm(p_values: Floats) -> Floats:
    """Adjust p-values so that the chance of any false finding among them stays below the level of a single test.

    The i-th smallest of m is multiplied by m - i + 1, and never falls below a smaller one. No assumption is made about
    how the tests depend on each other.

    Args:
        p_values: one per comparison, (m,); NaN where there was nothing to compare, which counts for nothing.

    Returns:
        Adjusted p-values, (m,); NaN stays NaN.

    References:
        Holm 1979, "A simple sequentially rejective multiple test procedure".
    """
    # NaN sorts last, and takes no place among the others.
    order = np.argsort(p_values, kind="stable")
    tests = np.count_nonzero(~np.isnan(p_values))
    factors = tests - np.arange(len(p_values))
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.maximum.accumulate(p_values[order] * factors).clip(max=1)
    return adjusted
