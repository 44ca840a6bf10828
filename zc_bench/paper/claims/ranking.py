"""All proxies, by their mean over the columns."""

import math
from collections.abc import Sequence

import pandas as pd

from zc_bench.paper.claims.columns import measure
from zc_bench.paper.claims.contrasts import OURS, mean
from zc_bench.paper.claims.interval import interval


def ranking(rows: pd.DataFrame, columns: Sequence[str], resamples: int = 2000) -> pd.DataFrame:
    """Average every proxy over the columns in which it has a rho.

    Args:
        rows: one row per score, as for `zc_bench.statistics.correlate.correlate`.
        columns: "space-task".
        resamples: of the architectures.

    Returns:
        Indexed by proxy, best first: value, low, high, columns (how many).
    """
    found = [
        column
        for name, column in measure(rows, OURS, resamples, rest=True).items()
        if name in columns
    ]
    names = sorted({str(name) for column in found for name in column.rhos})
    table = {}
    for name in names:
        having = [
            column
            for column in found
            if name in column.rhos and not math.isnan(column.rhos[name].iloc[0])
        ]
        if having:
            table[name] = (*interval(mean(having, name)), len(having))
    frame = pd.DataFrame.from_dict(
        table, orient="index", columns=["value", "low", "high", "columns"]
    )
    return frame.sort_values("value", ascending=False, kind="stable")
