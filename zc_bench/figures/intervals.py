"""Intervals of mean correlations over seeds, for figures and their tables."""

import math

import numpy as np
import pandas as pd
from scipy import stats

from zc_bench.statistics.correlate import Report

# The standard deviation of two numbers is too uncertain.
_ENOUGH_SEEDS = 3
_CELL = ["space", "task", "proxy"]


def intervals(report: Report) -> pd.DataFrame:
    """Average Spearman's rho over seeds, with an interval.

    Seeds are independent runs. With three or more, the interval is Student's t over seeds, which
    includes the noise of architectures, weights and batches. With fewer, its ends are the means of
    the ends of the seeds' bootstrap intervals, which are wider than an interval of the mean.

    Args:
        report: the correlations.

    Returns:
        One row per space, task and proxy, in the order of the report: space, task, proxy, spearman,
        low, high, n (the trials of the seed with fewest), seeds. Only seeds in which rho is
        defined count. NaN where it is defined in none.
    """
    rows = []
    for (space, task, proxy), seeds in report.correlations.groupby(_CELL, sort=False):
        defined = seeds[seeds["spearman"].notna()]
        low, high = _interval(defined, report.confidence)
        mean = defined["spearman"].mean() if len(defined) else math.nan
        n = (defined if len(defined) else seeds)["n"].min()
        rows.append((space, task, proxy, mean, low, high, int(n), len(defined)))
    return pd.DataFrame(rows, columns=[*_CELL, "spearman", "low", "high", "n", "seeds"])


def _interval(seeds: pd.DataFrame, confidence: float) -> tuple[float, float]:
    rho = seeds["spearman"].to_numpy(np.float64)
    if not len(rho):
        return math.nan, math.nan
    if len(rho) < _ENOUGH_SEEDS:
        return float(seeds["low"].mean()), float(seeds["high"].mean())
    half = stats.t.ppf((1 + confidence) / 2, len(rho) - 1) * rho.std(ddof=1) / math.sqrt(len(rho))
    return max(-1.0, float(rho.mean() - half)), min(1.0, float(rho.mean() + half))
