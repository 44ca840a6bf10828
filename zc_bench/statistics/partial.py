"""Partial rank correlation: what is left of Spearman's rho when the ranks of other quantities are held fixed."""

import math

import numpy as np
import scipy.stats

from zc_bench.statistics.rank import LEAST_POINTS, Floats

# A residual this small beside the ranks is rounding: the other quantities explain all of it.
_ROUNDING = 1e-9


def partial_spearman(values: Floats, given: Floats) -> Floats:
    """Correlate the ranks of quantities pair by pair, with the ranks of others held fixed.

    The ranks of each quantity are regressed on those of the given ones, and Pearson's correlation is taken of the
    residuals. Given nothing it is Spearman's rho. Given quantities may depend on each other: what counts is the space
    that their ranks span.

    Args:
        values: the quantities, a column each, (n, p), without NaN.
        given: what is held fixed, a column each, (n, g), without NaN.

    Returns:
        Symmetric, (p, p), ones on the diagonal; NaN where a quantity is constant or explained by the given ones, and
        if n - g < 3.

    References:
        Kendall 1942, "Partial rank correlation", in the form of Pearson's partial correlation of ranks.
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
