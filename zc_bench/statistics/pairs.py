"""Tests of the difference of Spearman's rho between two proxies."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import scipy.stats

from zc_bench.errors import ZcBenchError
from zc_bench.statistics.holm import holm
from zc_bench.statistics.rank import Floats, resample, spearman, weighted_spearman

# The number of resamples times architectures at a time: 16 MB per array.
_CELLS = 2_000_000


def bootstrap_spearman(
    scores: Floats, truth: Floats, generator: np.random.Generator, *, resamples: int
) -> Floats:
    """Return Spearman's rho of every proxy in every resample; proxies share the resamples.

    Each resample draws n architectures with replacement and is ranked again.

    Args:
        scores: architectures x proxies, (n, p), without NaN.
        truth: ground truth, (n,), without NaN.
        generator: the source of randomness.
        resamples: R, the number of resamples.

    Returns:
        Signed rho, (R, p); NaN where the scores or the truth of a resample are constant.
    """
    n, proxies = scores.shape
    block = max(1, _CELLS // max(n, 1))
    rhos = np.empty((resamples, proxies))
    for start in range(0, resamples, block):
        part = rhos[start : start + block]
        counts = resample(n, len(part), generator)
        for proxy in range(proxies):
            part[:, proxy] = weighted_spearman(scores[:, proxy], truth, counts)
    return rhos


def compare_pairs(
    scores: pd.DataFrame,
    truth: pd.Series,
    generator: np.random.Generator,
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Test for every pair of proxies whether they rank the architectures equally well.

    The paired bootstrap resamples architectures, so that common variation of two proxies cancels.
    The p-value is that of d / s in the normal distribution, two-sided, with the difference d and
    its bootstrap standard error s. Unlike the share of resamples beyond zero, it can be as small as
    the correction for many comparisons requires, with any number of resamples.

    Args:
        scores: architectures x proxies, (n, p), higher is better, without NaN.
        truth: ground truth of the same architectures, (n,), without NaN.
        generator: the source of randomness.
        resamples: the number of resamples, from 2 up.
        confidence: the share of resamples between low and high, in (0, 1).

    Returns:
        One row per pair, in the order of the columns of `scores`, with the columns

        - proxy, other: the pair;
        - difference: Spearman's rho of proxy minus that of other; NaN if one of them has none;
        - low, high: percentile bootstrap interval of the difference, not corrected for many
          comparisons;
        - p_value: two-sided, of this pair alone;
        - p_holm: corrected for all pairs of the frame by `zc_bench.statistics.holm.holm`.

    Raises:
        ZcBenchError: if there are fewer than two resamples.

    References:
        Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapters 6 (standard error)
        and 13 (percentiles).
    """
    if resamples < 2:
        message = (
            f"resamples = {resamples} produces no standard error: take at least 2, better 1000."
        )
        raise ZcBenchError(message)
    values, target = scores.to_numpy(np.float64), truth.to_numpy(np.float64)
    result = [spearman(column, target) for column in values.T]
    rhos = bootstrap_spearman(values, target, generator, resamples=resamples)
    tail = (1 - confidence) / 2
    pairs = []
    for one, two in combinations(range(len(result)), 2):
        difference = result[one] - result[two]
        low, high, p_value = _judge(difference, rhos[:, one] - rhos[:, two], tail)
        pairs.append((scores.columns[one], scores.columns[two], difference, low, high, p_value))
    frame = pd.DataFrame(pairs, columns=["proxy", "other", "difference", "low", "high", "p_value"])
    return frame.assign(p_holm=holm(frame["p_value"].to_numpy(np.float64)))


def _judge(difference: float, resampled: Floats, tail: float) -> tuple[float, float, float]:
    """Return the ends of the interval and the p-value of a difference."""
    resampled = resampled[~np.isnan(resampled)]
    if math.isnan(difference) or len(resampled) < 2:
        return math.nan, math.nan, math.nan
    low, high = np.quantile(resampled, [tail, 1 - tail])
    error = float(np.std(resampled, ddof=1))
    # Two proxies with equal ranks differ in no resample.
    z = abs(difference) / error if error else (math.inf if difference else 0.0)
    return float(low), float(high), float(2 * scipy.stats.norm.sf(z))
