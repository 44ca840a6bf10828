"""Correction of p-values for many comparisons."""

import numpy as np

from zc_bench.statistics.rank import Floats


def holm(p_values: Floats) -> Floats:
    """Adjust p-values so that the level holds for all comparisons together.

    The i-th smallest of m is multiplied by m - i + 1, and is at least the adjusted smaller ones.
    The tests may depend on each other in any way.

    Args:
        p_values: one per comparison, (m,); NaN for a comparison that was not possible and does not
            count.

    Returns:
        Adjusted p-values, (m,); NaN stays NaN.

    References:
        Holm 1979, "A simple sequentially rejective multiple test procedure".
    """
    # NaN sorts last and does not count in m.
    order = np.argsort(p_values, kind="stable")
    tests = np.count_nonzero(~np.isnan(p_values))
    factors = tests - np.arange(len(p_values))
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.maximum.accumulate(p_values[order] * factors).clip(max=1)
    return adjusted
