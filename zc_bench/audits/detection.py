"""How many trials must be computed again so that forged scores are found."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy.stats

from zc_bench.statistics.rank import Floats


def missed(scores: Sequence[int], forged: int, trials: int, *, together: bool = False) -> float:
    """Return the probability that no drawn trial holds a forged score.

    Trials are drawn without replacement, each as likely as any other.

    Args:
        scores: the number of scores of each trial.
        forged: the number of forged scores.
        trials: the number of trials that are drawn.
        together: whether the forged scores lie in as few trials as possible, the worst case; else each
            set of scores is as likely to be forged as any other.

    Returns:
        A probability, exact.

    Examples:
        >>> round(missed([1, 1, 1, 1], forged=1, trials=1), 9)
        0.75
        >>> round(missed([2, 2, 2, 2], forged=2, trials=1, together=True), 9)
        0.75
    """
    if together:
        return _none_of(len(scores), _fewest(scores, forged), trials)
    # Forging at random and drawing at random are exchangeable. With unequal trials the mean over
    # the drawn ones is that over the distribution of their number of scores.
    total = sum(scores)
    shares = _sums(scores, trials)
    return math.fsum(
        shares[count] * _none_of(total, forged, count) for count in np.flatnonzero(shares).tolist()
    )


def trials_needed(
    scores: Sequence[int], *, share: float = 0.01, power: float = 0.99, together: bool = False
) -> int:
    """Return how many trials find forged scores with a given probability, or more.

    Args:
        scores: the number of scores of each trial.
        share: the share of scores that is forged, in (0, 1]; at least one score.
        power: the probability that a drawn trial holds a forged score, in (0, 1).
        together: whether the forged scores lie in as few trials as possible.

    Returns:
        The smallest number of trials; all of them if that is what it takes.

    Examples:
        >>> trials_needed([17] * 1000), trials_needed([1] * 100_000)
        (27, 458)
    """
    forged = forged_scores(scores, share)
    high = 1
    while high < len(scores) and missed(scores, forged, high, together=together) > 1 - power:
        high = min(2 * high, len(scores))
    low = max(1, high // 2)
    while low < high:
        middle = (low + high) // 2
        if missed(scores, forged, middle, together=together) <= 1 - power:
            high = middle
        else:
            low = middle + 1
    return low


def forged_scores(scores: Sequence[int], share: float) -> int:
    """Return how many scores are that share of the scores of some trials, at least one."""
    return max(1, math.ceil(share * sum(scores)))


def _none_of(total: int, marked: int, drawn: int) -> float:
    """Return the probability that none of the drawn is marked: hypergeometric."""
    if drawn > total - marked:
        return 0.0
    logs = (
        math.lgamma(total - marked + 1)
        - math.lgamma(total - marked - drawn + 1)
        - math.lgamma(total + 1)
        + math.lgamma(total - drawn + 1)
    )
    return math.exp(logs)


def _fewest(scores: Sequence[int], forged: int) -> int:
    """Return the smallest number of trials that hold so many scores."""
    held = trials = 0
    for count in sorted(scores, reverse=True):
        if held >= forged:
            break
        held, trials = held + count, trials + 1
    return trials


def _sums(scores: Sequence[int], trials: int) -> Floats:
    """Return the distribution of the number of scores of trials drawn without replacement.

    Trials with equal numbers are alike. How many of a kind are drawn is hypergeometric, given how many
    were drawn of the kinds before.
    """
    kinds = Counter(scores)
    # By trials drawn and their scores.
    states = np.zeros((trials + 1, trials * max(kinds) + 1))
    states[0, 0] = 1
    left = len(scores)
    for count, trials_of in kinds.items():
        found = np.zeros_like(states)
        for drawn in np.flatnonzero(states.any(axis=1)).tolist():
            most = min(trials_of, trials - drawn)
            shares = scipy.stats.hypergeom.pmf(range(most + 1), left, trials_of, trials - drawn)
            for more in np.flatnonzero(shares).tolist():
                shift = more * count
                kept = states[drawn, : states.shape[1] - shift]
                found[drawn + more, shift:] += shares[more] * kept
        states, left = found, left - trials_of
    distribution: Floats = states[trials]
    return distribution
