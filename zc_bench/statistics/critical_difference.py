"""The critical difference of average ranks over tasks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.stats

from zc_bench.errors import ZcBenchError

# The least numbers for Friedman's test.
LEAST_PROXIES = 3
LEAST_TASKS = 2


@dataclass(frozen=True, eq=False)
class CriticalDifference:
    """Average ranks of proxies over tasks, with their critical difference.

    Attributes:
        ranks: average rank by proxy, best first, 1 is the best possible.
        columns: the number of tasks.
        statistic: Friedman's chi-squared, corrected for ties.
        p_value: the probability of a statistic at least as large if all proxies rank equally well.
        difference: the critical difference of the Nemenyi test; a larger difference is significant.
    """

    ranks: pd.Series
    columns: int
    statistic: float
    p_value: float
    difference: float

    def groups(self) -> list[tuple[str, ...]]:
        """Return maximal groups without significant differences, best first; they may overlap."""
        ranks = self.ranks.to_numpy(np.float64)
        ends = np.searchsorted(ranks, ranks + self.difference, side="right")
        reached = np.concatenate([[0], np.maximum.accumulate(ends)[:-1]])
        return [
            tuple(self.ranks.index[start:end])
            for start, (end, before) in enumerate(zip(ends, reached, strict=True))
            if end > before and end - start > 1
        ]


def critical_difference(spearman: pd.DataFrame, *, alpha: float = 0.05) -> CriticalDifference:
    """Rank proxies within each task, and compare their average ranks.

    With k proxies and N tasks, two average ranks differ significantly at level alpha, for all pairs
    together, if their difference is larger than

        q sqrt(k (k + 1) / (6 N)),

    where q is the (1 - alpha)-quantile of the studentised range of k with infinitely many degrees
    of freedom, divided by the square root of 2. The test assumes independent tasks; those of one
    search space are not fully independent.

    Args:
        spearman: proxies x tasks, (k, N), higher is better, without NaN.
        alpha: the level of the test, in (0, 1).

    Returns:
        The average ranks and the difference.

    Raises:
        ZcBenchError: if there are fewer than three proxies or two tasks, or a cell is NaN.

    References:
        Demšar 2006, "Statistical Comparisons of Classifiers over Multiple Data Sets", JMLR 7,
        section 3.2.2.
    """
    _check(spearman)
    proxies, columns = spearman.shape
    ranks = spearman.rank(ascending=False).mean(axis=1).sort_values(kind="stable")
    # If all proxies tie on every task, the statistic is 0 / 0.
    tied = bool((spearman.nunique() == 1).all())
    statistic, p_value = (
        (0.0, 1.0) if tied else scipy.stats.friedmanchisquare(*spearman.to_numpy(np.float64))
    )
    quantile = scipy.stats.studentized_range.ppf(1 - alpha, proxies, np.inf) / np.sqrt(2)
    difference = float(quantile * np.sqrt(proxies * (proxies + 1) / (6 * columns)))
    return CriticalDifference(ranks, columns, float(statistic), float(p_value), difference)


def _check(spearman: pd.DataFrame) -> None:
    proxies, columns = spearman.shape
    if proxies < LEAST_PROXIES or columns < LEAST_TASKS:
        message = (
            f"{proxies} proxies on {columns} tasks have no critical difference: "
            f"give at least {LEAST_PROXIES} proxies on at least {LEAST_TASKS} tasks."
        )
        raise ZcBenchError(message)
    undefined = spearman.index[spearman.isna().any(axis=1)]
    if len(undefined):
        message = (
            f"{undefined[0]} has no rank correlation on some task: leave the proxy or the task out."
        )
        raise ZcBenchError(message)
