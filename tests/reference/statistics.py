"""Statistics of rankings once more.

Loops over definitions, every tie-break and every resample one by one.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise, permutations

import numpy as np
import scipy.stats
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def holm(p_values: Sequence[float], alpha: float) -> set[int]:
    """Step down: reject the smallest p-value while it is at most alpha divided by how many are left."""
    left = sorted((p, index) for index, p in enumerate(p_values) if not math.isnan(p))
    rejected = set()
    while left and left[0][0] <= alpha / len(left):
        rejected.add(left.pop(0)[1])
    return rejected


def paired_differences(x: Floats, y: Floats, truth: Floats, drawn: NDArray[np.int64]) -> Floats:
    """Rank every resample anew with scipy, and subtract."""
    return np.array(
        [
            scipy.stats.spearmanr(x[index], truth[index]).statistic
            - scipy.stats.spearmanr(y[index], truth[index]).statistic
            for index in drawn
        ]
    )


def best_sets(values: Floats, k: int) -> Iterator[tuple[int, ...]]:
    """Yield every set of k that is the best under some tie-break, each as often as any other."""
    for chosen in combinations(range(len(values)), k):
        others = [values[index] for index in range(len(values)) if index not in chosen]
        if not others or min(values[list(chosen)]) >= max(others):
            yield chosen


def precision(scores: Floats, truth: Floats, k: int) -> float:
    """Average the overlap over all tie-breaks of both sides."""
    return float(
        np.mean([len({*a} & {*b}) / k for a in best_sets(scores, k) for b in best_sets(truth, k)])
    )


def best_rank(scores: Floats, truth: Floats, k: int) -> float:
    """Average over all tie-breaks one plus the number of architectures that beat the best chosen one."""
    return float(
        np.mean([1 + sum(truth > max(truth[list(chosen)])) for chosen in best_sets(scores, k)])
    )


def regret(scores: Floats, truth: Floats, k: int) -> float:
    """Average over all tie-breaks what the best chosen one lacks."""
    return float(
        np.mean([max(truth) - max(truth[list(chosen)]) for chosen in best_sets(scores, k)])
    )


def ndcg(scores: Floats, truth: Floats, k: int) -> float:
    """Average the discounted gain over all orders that the scores allow; divide by the best order's."""
    gains = truth - min(truth)

    def gain(order: Sequence[int]) -> float:
        return math.fsum(gains[at] / math.log2(place + 2) for place, at in enumerate(order[:k]))

    everyone = range(len(scores))
    allowed = [
        order
        for order in permutations(everyone)
        if all(scores[one] >= scores[two] for one, two in pairwise(order))
    ]
    best = sorted(everyone, key=lambda at: -truth[at])
    return float(np.mean([gain(order) for order in allowed])) / gain(best)


def partial_by_inverse(columns: Floats, given: Floats) -> float:
    """Read the partial correlation of two columns off the inverse of the correlation matrix of all ranks."""
    precision_matrix = np.linalg.inv(
        np.atleast_2d(scipy.stats.spearmanr(np.column_stack([columns, given])).statistic)
    )
    return float(
        -precision_matrix[0, 1] / math.sqrt(precision_matrix[0, 0] * precision_matrix[1, 1])
    )


def partial_by_formula(x: Floats, y: Floats, z: Floats) -> float:
    """Apply Kendall's formula for one quantity that is held fixed."""
    xy, xz, yz = (scipy.stats.spearmanr(*pair).statistic for pair in ((x, y), (x, z), (y, z)))
    return float((xy - xz * yz) / math.sqrt((1 - xz**2) * (1 - yz**2)))


def quantile_bins(values: Floats, bins: int) -> list[int]:
    """Put each value where the middle of its ties stands."""
    n = len(values)
    middles = [(sum(values < value) + sum(values <= value)) / 2 for value in values]
    return [math.floor(bins * middle / n) for middle in middles]


def incremental_information(
    target: Sequence[int], known: Sequence[Sequence[int]], new: Sequence[int]
) -> float:
    """Sum p(t, k, x) log2 of p(t, x | k) / (p(t | k) p(x | k)), then correct for the number of cells."""
    n = len(target)
    context = list(zip(*known, strict=True)) if known else [()] * n
    t_k_x, t_k, k_x, k = (
        Counter(zip(*parts, strict=True))
        for parts in ((target, context, new), (target, context), (context, new), (context,))
    )
    bits = sum(
        count / n * math.log2(count * k[c,] / (t_k[t, c] * k_x[c, x]))
        for (t, c, x), count in t_k_x.items()
    )
    # H(t, k) - H(k) - H(t, k, x) + H(k, x), each with (cells - 1) / (2 n) nats; the ones cancel.
    cells = len(t_k) - len(k) - len(t_k_x) + len(k_x)
    return bits + cells / (2 * n * math.log(2))
