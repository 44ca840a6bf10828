"""Rank statistics: Spearman's rho, Kendall's tau-b, and a bootstrap that ranks each resample."""

import math

import numpy as np
import scipy.stats
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# With fewer than three points, a rank correlation is -1, 1 or undefined.
LEAST_POINTS = 3
# Resamples that are ranked together: few enough for the processor's cache, enough to make Python's
# overhead negligible.
_BLOCK = 200


def weighted_ranks(values: Floats, counts: Floats) -> Floats:
    """Rank values that occur several times each, ties sharing their average rank.

    Column r produces what `scipy.stats.rankdata(np.repeat(values, counts[:, r]))` produces, one
    rank per value instead of one per copy. The copies of a value v take the places from "less than
    v" + 1 to "at most v", so that

        rank(v) = (copies of values < v  +  copies of values <= v  +  1) / 2.

    Both terms come from one cumulative sum over the sorted values, for all columns at once. An
    architecture is a row, so that sorting moves whole rows of memory.

    Args:
        values: (n,); infinite values rank at the ends, NaN is not allowed.
        counts: how often each value occurs, whole numbers from 0 up, (n, R) for R multisets of the
            same values.

    Returns:
        Ranks from 1 up, (n, R); the rank of a value with count 0 has no meaning.
    """
    order = np.argsort(values, kind="stable")
    in_order = values[order]
    copies = np.zeros((len(values) + 1, counts.shape[1]))
    np.cumsum(counts[order], axis=0, out=copies[1:])
    # The arithmetic is in place, because allocating memory takes longer.
    ranks: Floats = copies[np.searchsorted(in_order, values, side="left")]
    ranks += copies[np.searchsorted(in_order, values, side="right")]
    ranks += 1
    ranks /= 2
    return ranks


def weighted_spearman(x: Floats, y: Floats, counts: Floats) -> Floats:
    """Return Spearman's rho of R multisets of the same pairs: Pearson's of their average ranks.

    Args:
        x: first of each pair, (n,), without NaN.
        y: second of each pair, (n,), without NaN.
        counts: how often each pair occurs, (n, R).

    Returns:
        The signed rho of each column, (R,); NaN where x or y is constant.
    """
    middle = (counts.sum(axis=0) + 1) / 2
    x_ranks = weighted_ranks(x, counts)
    x_ranks -= middle
    y_ranks = weighted_ranks(y, counts)
    y_ranks -= middle
    # Centred ranks are multiples of 1/2, so a constant has a variance of exactly 0.
    x_variance = np.einsum("nr,nr,nr->r", counts, x_ranks, x_ranks)
    y_variance = np.einsum("nr,nr,nr->r", counts, y_ranks, y_ranks)
    covariance = np.einsum("nr,nr,nr->r", counts, x_ranks, y_ranks)
    scale = np.sqrt(x_variance * y_variance)
    rho: Floats = np.divide(
        covariance, scale, out=np.full_like(scale, math.nan), where=scale > 0
    ).clip(-1, 1)
    return rho


def spearman(x: Floats, y: Floats) -> float:
    """Return Spearman's rho, signed, with average ranks for ties.

    Args:
        x: first of each pair, (n,), without NaN.
        y: second of each pair, (n,), without NaN.

    Returns:
        A number in [-1, 1]; NaN if x or y is constant or n < 3.

    Examples:
        >>> round(spearman(np.array([1.0, 2.0, 3.0, 4.0]), np.array([70.0, 90.0, 80.0, 95.0])), 3)
        0.8

    References:
        Spearman 1904, "The proof and measurement of association between two things"; equals
        `scipy.stats.spearmanr`.
    """
    if len(x) < LEAST_POINTS:
        return math.nan
    return float(weighted_spearman(x, y, np.ones((len(x), 1)))[0])


def kendall(x: Floats, y: Floats) -> float:
    """Return Kendall's tau-b, signed, corrected for ties.

    Args:
        x: first of each pair, (n,), without NaN.
        y: second of each pair, (n,), without NaN.

    Returns:
        A number in [-1, 1]; NaN if x or y is constant or n < 3.

    Examples:
        >>> round(kendall(np.array([1.0, 2.0, 3.0, 4.0]), np.array([70.0, 90.0, 80.0, 95.0])), 3)
        0.667

    References:
        Kendall 1945, "The treatment of ties in ranking problems"; computed by
        `scipy.stats.kendalltau`.
    """
    if len(x) < LEAST_POINTS:
        return math.nan
    # The method affects the p-value alone, which is not used. This one is the cheapest.
    return float(scipy.stats.kendalltau(x, y, method="asymptotic").statistic)


def bootstrap_interval(
    x: Floats, y: Floats, counts: Floats, *, confidence: float
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of Spearman's rho over pairs.

    Each resample is ranked anew. A resample in which x or y is constant has no rho and is left out.

    Args:
        x: first of each pair, (n,), without NaN.
        y: second of each pair, (n,), without NaN.
        counts: how often each pair occurs in each resample, (n, R), as `resample` returns it.
        confidence: the share of resamples inside the interval, in (0, 1).

    Returns:
        The lower and the upper end; NaN if rho is NaN, of the pairs or of every resample.

    References:
        Efron and Tibshirani 1993, "An Introduction to the Bootstrap", section 13.3.
    """
    if math.isnan(spearman(x, y)):
        return math.nan, math.nan
    blocks = range(0, counts.shape[1], _BLOCK)
    rhos = np.concatenate(
        [weighted_spearman(x, y, counts[:, start : start + _BLOCK]) for start in blocks]
    )
    rhos = rhos[~np.isnan(rhos)]
    if not len(rhos):
        return math.nan, math.nan
    tail = (1 - confidence) / 2
    low, high = np.quantile(rhos, [tail, 1 - tail])
    return float(low), float(high)


def resample(n: int, resamples: int, generator: np.random.Generator) -> Floats:
    """Draw n of n with replacement, and count how often each was drawn, (n, resamples)."""
    if not n:
        return np.zeros((0, resamples))
    drawn = generator.integers(n, size=(resamples, n))
    drawn += n * np.arange(resamples)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=n * resamples).reshape(resamples, n)
    return np.ascontiguousarray(counts.T, dtype=np.float64)
