"""Many tasks: by how much must the average ranks of two proxies differ?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.stats

from zc_bench.errors import ZcBenchError

# What Friedman's test can tell apart.
LEAST_PROXIES = 3
LEAST_TASKS = 2


@dataclass(frozen=True, eq=False)
class CriticalDifference:
    """Average ranks of proxies over tasks, with what it takes to tell them apart.

    Attributes:
        ranks: average rank by proxy, best first, 1 is the best possible.
        columns: over how many tasks.
        statistic: Friedman's chi-squared, corrected for ties.
        p_value: the chance of such a statistic if all proxies ranked equally well.
        difference: average ranks that differ by more are told apart by the Nemenyi test.
    """

    ranks: pd.Series
    columns: int
    statistic: float
    p_value: float
    difference: float

    def groups(self) -> list[tuple[str, ...]]:
        """Return the largest groups of two proxies and more that are not told apart, best first; groups may overlap."""
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

    With k proxies and N tasks, two average ranks are told apart at level alpha, for all pairs together, if they differ
    by more than

        q sqrt(k (k + 1) / (6 N)),

    q being the (1 - alpha)-quantile of the studentised range of k with infinitely many degrees of freedom, divided by
    the square root of 2. The test takes tasks as independent, which the tasks of one search space are not quite.

    Args:
        spearman: proxies x tasks, (k, N), higher is better, without NaN.
        alpha: the level of the test, in (0, 1).

    Returns:
        The average ranks and the difference.

    Raises:
        ZcBenchError: if there are fewer than three proxies or two tasks, or a cell is NaN.

    References:
        Demšar 2006, "Statistical Comparisons of Classifiers over Multiple Data Sets", JMLR 7, section 3.2.2.
    """
    _check(spearman)
    proxies, columns = spearman.shape
    ranks = spearman.rank(ascending=False).mean(axis=1).sort_values(kind="stable")
    # Proxies that tie on every task have no ranks to test: the statistic would be 0 / 0.
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
