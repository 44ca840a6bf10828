"""Partial rank correlation: Spearman's rho with the ranks of other quantities held fixed."""

import math

import numpy as np
import scipy.stats

from zc_bench.statistics.rank import LEAST_POINTS, Floats

# A smaller residual relative to the ranks is rounding: the other quantities explain everything.
_ROUNDING = 1e-9


def partial_spearman(values: Floats, given: Floats) -> Floats:
    """Correlate the ranks of quantities in pairs, with the ranks of others held fixed.

    The ranks of each quantity are regressed on those of the given ones, and Pearson's correlation
    is taken of the residuals. Without given quantities it is Spearman's rho. Given quantities may
    depend on each other, because only the span of their ranks matters.

    Args:
        values: the quantities, a column each, (n, p), without NaN.
        given: the quantities that are held fixed, a column each, (n, g), without NaN.

    Returns:
        Symmetric, (p, p), ones on the diagonal; NaN where a quantity is constant or explained by
        the given ones, and if n - g < 3.

    References:
        Kendall 1942, "Partial rank correlation", in the form of Pearson's partial correlation of
        ranks.
    """
    n, g = given.shape
    if n - g < LEAST_POINTS:
        return np.full((values.shape[1],) * 2, math.nan)
    ranks, fixed = _centred_ranks(values), _centred_ranks(given)
    residuals = ranks - fixed @ np.linalg.lstsq(fixed, ranks)[0]
    lengths = np.linalg.norm(residuals, axis=0)
    lengths[lengths <= _ROUNDING * np.linalg.norm(ranks, axis=0)] = math.nan
    residuals /= lengths
    correlations: Floats = (residuals.T @ residuals).clip(-1, 1)
    return correlations


def _centred_ranks(values: Floats) -> Floats:
    """Rank each column, ties sharing their average, around a mean of zero."""
    ranks: Floats = scipy.stats.rankdata(values, axis=0) - (len(values) + 1) / 2
    return ranks
