"""The quality of the k architectures that a proxy scores best.

Ties of scores at the k-th place are broken at random, and every number is the exact mean over these
draws. So a constant score is a random choice, the baseline.
"""

import math

import numpy as np
import scipy.stats

from zc_bench.errors import ZcBenchError
from zc_bench.statistics.rank import Floats


def precision_at_k(scores: Floats, truth: Floats, k: int | float) -> float:
    """Return the share of the k best-scored architectures that are among the k truly best.

    Ties of the truth at the k-th place are broken at random as well.

    Args:
        scores: higher is better, (n,), without NaN.
        truth: higher is better, (n,), without NaN.
        k: how many, from 1 to n; or a share of n in (0, 1), rounded, at least one architecture.

    Returns:
        A number in [0, 1]; k / n by chance.

    Raises:
        ZcBenchError: if k is out of range.
    """
    count = resolve_k(k, len(scores))
    return float(_chosen(scores, count) @ _chosen(truth, count) / count)


def best_rank_at_k(scores: Floats, truth: Floats, k: int | float) -> float:
    """Return the true rank of the best among the k best-scored architectures.

    Args:
        scores: higher is better, (n,), without NaN.
        truth: higher is better, (n,), without NaN; architectures that tie share their best rank.
        k: how many, from 1 to n; or a share of n in (0, 1), rounded, at least one architecture.

    Returns:
        A number from 1 up, 1 being the best of all; (n + 1) / (k + 1) by chance if no truths tie.

    Raises:
        ZcBenchError: if k is out of range.
    """
    ranks = scipy.stats.rankdata(-truth, method="min").astype(np.float64)
    return _mean_of_best(scores, ranks, resolve_k(k, len(scores)))


def regret_at_k(scores: Floats, truth: Floats, k: int | float) -> float:
    """Return the difference between the best of all and the best among the k best-scored.

    Args:
        scores: higher is better, (n,), without NaN.
        truth: higher is better, (n,), without NaN.
        k: how many, from 1 to n; or a share of n in (0, 1), rounded, at least one architecture.

    Returns:
        A number from 0 up, in the unit of the truth.

    Raises:
        ZcBenchError: if k is out of range.
    """
    return _mean_of_best(scores, truth.max(initial=-math.inf) - truth, resolve_k(k, len(scores)))


def ndcg_at_k(scores: Floats, truth: Floats, k: int | float) -> float:
    """Return the normalised discounted cumulative gain of the k best-scored architectures.

    The gain of an architecture is its truth, scaled so that the worst of all has 0 and the best 1.
    The i-th place counts 1 / log2(i + 1). The sum is divided by that of the k truly best.

    Args:
        scores: higher is better, (n,), without NaN.
        truth: higher is better, (n,), without NaN.
        k: how many, from 1 to n; or a share of n in (0, 1), rounded, at least one architecture.

    Returns:
        A number in [0, 1], 1 being the best order; NaN if the truth is constant.

    Raises:
        ZcBenchError: if k is out of range.

    References:
        Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques"; ties as in
        McSherry and Najork 2008.
    """
    count = resolve_k(k, len(scores))
    gains = truth - truth.min()
    if not gains.max():
        return math.nan
    discounts = np.where(np.arange(len(scores)) < count, 1 / np.log2(np.arange(len(scores)) + 2), 0)
    # Every architecture of a tie has the mean discount of the places that the tie takes.
    _, group, copies = np.unique(-scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(copies)
    sums = np.concatenate([[0.0], np.cumsum(discounts)])
    shares = (sums[ends] - sums[ends - copies]) / copies
    return float(gains @ shares[group] / (np.sort(gains)[::-1] @ discounts))


def resolve_k(k: int | float, n: int) -> int:
    """Convert a number or a share to a number of architectures.

    Args:
        k: a whole number from 1 to n, or a share of n in (0, 1).
        n: the number of architectures.

    Returns:
        A number from 1 to n.

    Raises:
        ZcBenchError: if k is out of range.
    """
    count = max(1, round(k * n)) if 0 < k < 1 else k
    if not isinstance(count, int) or not 1 <= count <= n:
        message = (
            f"k = {k} of {n} architectures: expected a whole number from 1 to {n}, or a share "
            "between 0 and 1."
        )
        raise ZcBenchError(message)
    return count


def _chosen(values: Floats, count: int) -> Floats:
    """Return the probability of each value to be among the best, (n,): below 1 for ties."""
    last = np.sort(values)[-count]
    above, tied = values > last, values == last
    return np.where(tied, (count - np.count_nonzero(above)) / np.count_nonzero(tied), above)


def _mean_of_best(scores: Floats, costs: Floats, count: int) -> float:
    """Return the mean, over random tie-breaks, of the lowest cost among the best-scored.

    Of t tied architectures, s are drawn. With their costs in order, the j-th is the lowest drawn
    one in C(t - j, s - 1) of the C(t, s) draws. That share is s / t for the first. For a later one
    it is (t - s - j + 2) / (t - j + 1) times the share before.
    """
    chances = _chosen(scores, count)
    sure = float(costs[chances == 1].min(initial=math.inf))
    tied = np.sort(costs[(chances > 0) & (chances < 1)])
    if not len(tied):
        return sure
    t, s = len(tied), count - np.count_nonzero(chances == 1)
    before = np.arange(1, t - s + 1)
    shares = s / t * np.cumprod(np.concatenate([[1.0], (t - s - before + 1) / (t - before)]))
    return float(shares @ np.minimum(tied[: len(shares)], sure))
