"""Rank correlations of many quantities in many resamples at once, plain and partial."""

import numpy as np

from zc_bench.statistics.rank import Floats, weighted_ranks

# Resamples at a time: the ranks of a thousand architectures and fifteen quantities take 12 MB.
_BLOCK = 100
# A smaller share of a quantity's variance is rounding: the given quantities explain all of it.
_ROUNDING = 1e-10


def rank_covariances(values: Floats, counts: Floats) -> Floats:
    """Return the covariances of the ranks of quantities in resamples; each is ranked again.

    Args:
        values: the quantities, a column each, (n, p), without NaN.
        counts: how often each architecture occurs, (n, R); ones for the data themselves.

    Returns:
        Symmetric, (R, p, p).
    """
    blocks = range(0, counts.shape[1], _BLOCK)
    return np.concatenate([_covariances(values, counts[:, at : at + _BLOCK]) for at in blocks])


def _covariances(values: Floats, counts: Floats) -> Floats:
    middle = (counts.sum(axis=0) + 1) / 2
    # (p, n, R): a quantity is ranked in all resamples at once.
    ranks = np.stack([weighted_ranks(column, counts) - middle for column in values.T])
    moved = ranks.transpose(2, 0, 1)
    covariances: Floats = (moved * counts.T[:, None, :]) @ moved.transpose(0, 2, 1)
    return covariances


def partial_correlation(
    covariances: Floats, one: int, other: int, given: tuple[int, ...] = ()
) -> Floats:
    """Return the correlation of two quantities with others held fixed, in every resample.

    The covariance of what is left after regression on the given quantities is the Schur complement
    of their block. Without given quantities this is Spearman's rho.

    Args:
        covariances: as `rank_covariances` returns them, (R, p, p).
        one: the place of a quantity.
        other: the place of another.
        given: the places of the quantities that are held fixed; they may depend on each other.

    Returns:
        (R,), in [-1, 1]; NaN where a quantity is constant or explained by the given ones.

    References:
        Kendall 1942, "Partial rank correlation", in the form of Pearson's partial correlation of
        ranks.
    """
    pair, fixed = [one, other], list(given)
    own = covariances[:, pair][:, :, pair]
    left = own
    if fixed:
        across = covariances[:, pair][:, :, fixed]
        block = covariances[:, fixed][:, :, fixed]
        inverse = np.linalg.pinv(block, rcond=1e-10, hermitian=True)
        left = own - across @ inverse @ across.transpose(0, 2, 1)
    variances = np.einsum("rii->ri", left).copy()
    whole = np.einsum("rii->ri", own)
    variances[variances <= _ROUNDING * whole] = np.nan
    correlations: Floats = (left[:, 0, 1] / np.sqrt(variances.prod(axis=1))).clip(-1, 1)
    return correlations
