"""One estimate from those of several seeds, with the noise of architectures and of seeds."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.stats

from zc_bench.statistics.rank import Floats

_ENOUGH_SEEDS = 3


class Combined(NamedTuple):
    """An estimate over seeds.

    Attributes:
        mean: the mean of the seeds' estimates.
        low: lower end of its interval.
        high: upper end.
        p_value: two-sided, of the hypothesis that it is zero.
        seeds: the number of seeds with an estimate.
    """

    mean: float
    low: float
    high: float
    p_value: float
    seeds: int


def over_seeds(
    estimates: Sequence[float],
    errors: Sequence[float],
    *,
    confidence: float = 0.95,
    limit: float = 1.0,
) -> Combined:
    """Combine estimates of independent seeds.

    The standard error of a seed, from a bootstrap of its architectures, holds the noise of
    architectures and of all that is drawn for each of them. The spread of the estimates also holds
    what a whole seed shares, such as its images. The larger of the two variances counts, over the
    number of seeds. Only the excess of the second is estimated from few numbers, so Student's t has
    (S - 1) v / (v - v_within) degrees of freedom for S seeds: S - 1 if seeds dominate, infinitely
    many if architectures do. On simulated seeds a 95 % interval holds the truth in 92 to 97 %.

    The spread of two seeds says next to nothing. With fewer than three, the mean variance of a seed
    counts, as if there were only one: the interval is then wider than that of the mean.

    Args:
        estimates: one per seed; NaN for none.
        errors: the standard error of each.
        confidence: how often the interval holds the true value, in (0, 1).
        limit: the largest absolute value that is possible, at which the interval ends.

    Returns:
        The combination; NaN without any estimate.

    Examples:
        >>> found = over_seeds([0.5, 0.5, 0.5, 0.5], [0.1, 0.1, 0.1, 0.1])
        >>> round(found.low, 3), round(found.high, 3)
        (0.402, 0.598)

    References:
        DerSimonian and Laird 1986, "Meta-analysis in clinical trials" (variance within and between;
        the degrees of freedom are ours).
    """
    pairs = np.array(list(zip(estimates, errors, strict=True)), np.float64).reshape(-1, 2)
    values, within = pairs[~np.isnan(pairs).any(axis=1)].T
    if not len(values):
        return Combined(math.nan, math.nan, math.nan, math.nan, 0)
    mean, inside = float(values.mean()), float(np.mean(within**2))
    several = len(values) >= _ENOUGH_SEEDS
    spread = float(values.var(ddof=1)) if several else 0.0
    variance = max(inside, spread)
    error = math.sqrt(variance / len(values)) if several else math.sqrt(variance)
    excess = variance - inside
    freedom = (len(values) - 1) * variance / excess if excess > 0 else math.inf
    half = float(scipy.stats.t.ppf((1 + confidence) / 2, freedom)) * error
    # Two proxies with equal ranks differ in no resample.
    z = abs(mean) / error if error else (math.inf if mean else 0.0)
    low, high = max(mean - half, -limit), min(mean + half, limit)
    return Combined(mean, low, high, float(2 * scipy.stats.t.sf(z, freedom)), len(values))


def standard_error(resampled: Floats) -> float:
    """Return the standard deviation of the resamples that have a value; NaN for fewer than two."""
    known = resampled[~np.isnan(resampled)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else math.nan


def heterogeneity(estimates: Sequence[float], errors: Sequence[float]) -> float:
    """Test whether seeds differ by more than their standard errors: Cochran's Q.

    Args:
        estimates: one per seed; NaN for none.
        errors: the standard error of each.

    Returns:
        The p-value; NaN for fewer than two seeds.

    References:
        Cochran 1954, "The combination of estimates from different experiments".
    """
    pairs = np.array(list(zip(estimates, errors, strict=True)), np.float64).reshape(-1, 2)
    values, within = pairs[~np.isnan(pairs).any(axis=1)].T
    if len(values) < 2 or not (within > 0).all():
        return math.nan
    weights = 1 / within**2
    centre = (weights * values).sum() / weights.sum()
    return float(scipy.stats.chi2.sf((weights * (values - centre) ** 2).sum(), len(values) - 1))
