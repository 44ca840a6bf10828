"""Counts of a store: scores by status, costs of passes, trials by task and seed."""

import pandas as pd

from zc_bench.engine.scores import Status
from zc_bench.store.contents import Contents

PENDING = "pending"


def statuses(contents: Contents) -> pd.DataFrame:
    """Count the scores of every column by status.

    Args:
        contents: of a store.

    Returns:
        Indexed by column, "proxy@version", one column per status, "pending" for trials without that
        score, and "seconds", the mean time per score without the passes.
    """
    frame = contents.frame()
    column = (frame["proxy"] + "@" + frame["version"].astype(str)).rename("column")
    counts = pd.crosstab(column, frame["status"]).reindex(
        columns=[status.value for status in Status], fill_value=0
    )
    counts[PENDING] = len(contents.trials) - counts.sum(axis=1)
    counts["seconds"] = frame["seconds"].groupby(column).mean()
    return counts.rename_axis(columns=None)


def passes(contents: Contents) -> pd.DataFrame:
    """Add up what the passes cost.

    Args:
        contents: of a store.

    Returns:
        Indexed by pass, with the columns trials, seconds (mean per trial), total (seconds of all
        trials) and peak_bytes (the largest of any trial; NaN where none was measured); the most
        expensive first.
    """
    seconds = pd.DataFrame([trial.pass_seconds for trial in contents.trials.values()], dtype=float)
    peaks = pd.DataFrame([trial.pass_peak_bytes for trial in contents.trials.values()], dtype=float)
    costs = pd.DataFrame(
        {"trials": seconds.count(), "seconds": seconds.mean(), "total": seconds.sum()}
    )
    return costs.assign(peak_bytes=peaks.max().reindex(costs.index)).sort_values(
        "total", ascending=False
    )


def trials(contents: Contents) -> pd.DataFrame:
    """Count the trials, tasks by seeds.

    Args:
        contents: of a store.

    Returns:
        Indexed by task, one column per seed.
    """
    keys = pd.DataFrame([(key.task, key.seed) for key in contents.trials], columns=["task", "seed"])
    return pd.crosstab(keys["task"], keys["seed"])
