"""Rank correlation within strata: groups of architectures that are alike in some quantities."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zc_bench.statistics.information import quantile_bins
from zc_bench.statistics.rank import Floats, spearman

LEAST = 5  # architectures of a stratum that counts
_TARGET = 20  # architectures of a stratum where sizes hardly repeat


class Within(NamedTuple):
    """The rank correlation within strata.

    Attributes:
        rho: the mean of Spearman's rho over strata, weighted by their size minus one; a stratum
            of which all scores are equal has 0.
        error: the standard error of rho if scores and truth are independent within strata.
        strata: the number of strata that count.
        n: their architectures.
        tied: the share of pairs of architectures of one stratum that have the same score.
    """

    rho: float
    error: float
    strata: int
    n: int
    tied: float


def strata_of(depth: Floats, size: Floats) -> NDArray[np.int64]:
    """Group architectures of equal depth and size.

    Sizes that repeat are taken as they are. Where most architectures have a size of their own, the
    sizes of equal depth are cut into bins of about twenty.

    Args:
        depth: (n,).
        size: (n,).

    Returns:
        The number of the stratum of each, (n,).
    """
    exact = _numbered(depth, size)
    counts = np.bincount(exact)
    if counts[counts >= LEAST].sum() >= len(depth) / 2:
        return exact
    bins = np.zeros(len(depth), np.int64)
    for level in np.unique(depth):
        here = depth == level
        bins[here] = quantile_bins(size[here], max(1, round(here.sum() / _TARGET)))
    return _numbered(depth, bins.astype(np.float64))


def within_strata(scores: Floats, truth: Floats, strata: NDArray[np.int64]) -> Within:
    """Correlate scores with the truth within strata.

    Under independence the variance of rho of n architectures is 1 / (n - 1), with and without ties,
    so with weights n - 1 that of the mean is one over the sum of the weights.

    Args:
        scores: (n,), without NaN.
        truth: (n,), without NaN.
        strata: the number of the stratum of each, (n,).

    Returns:
        The correlation; rho and error are NaN without a stratum in which the truth differs.

    Examples:
        >>> within_strata(np.arange(10.0), np.arange(10.0), np.repeat([0, 1], 5)).rho
        1.0

    References:
        The variance: Pitman 1937, "Significance tests which may be applied to samples from any
        populations II".
    """
    found: list[tuple[float, int]] = []
    tied = pairs = 0.0
    for number in np.unique(strata):
        here = strata == number
        x, y = scores[here], truth[here]
        if len(x) < LEAST or not np.ptp(y):
            continue
        rho = spearman(x, y)
        found.append((0.0 if math.isnan(rho) else rho, len(x)))
        copies = np.unique(x, return_counts=True)[1]
        tied += float((copies * (copies - 1)).sum()) / 2
        pairs += len(x) * (len(x) - 1) / 2
    weights = np.array([n - 1 for _, n in found], np.float64)
    if not len(weights):
        return Within(math.nan, math.nan, 0, 0, math.nan)
    rho = float(weights @ np.array([rho for rho, _ in found]) / weights.sum())
    error = 1 / math.sqrt(weights.sum())
    return Within(rho, error, len(found), sum(n for _, n in found), tied / pairs)


def _numbered(*quantities: Floats) -> NDArray[np.int64]:
    number: NDArray[np.int64] = np.unique(np.column_stack(quantities), axis=0, return_inverse=True)[
        1
    ].ravel()
    return number
