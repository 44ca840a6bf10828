"""Correlations that come with the package, for columns without ground truth here."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from zc_bench.errors import ZcBenchError
from zc_bench.statistics.correlate import InvalidPolicy, Report

SHIPPED_POLICY: InvalidPolicy = "worst"
_CONFIDENCE = 0.95
_COLUMNS = [
    *(
        "space",
        "task",
        "proxy",
        "seed",
        "n",
        "invalid",
        "spearman",
        "kendall",
        "low",
        "high",
        "missing",
    ),
    *("without_truth", "store"),
]


@dataclass(frozen=True, eq=False)
class Completed:
    """A report with shipped columns beside computed ones.

    Attributes:
        report: both kinds of columns.
        stores: the shipped store by shipped column, "space-task".
    """

    report: Report
    stores: dict[str, str]


def read_shipped_correlations(
    path: Path, requested: Collection[tuple[str, str]] | None = None
) -> pd.DataFrame:
    """Read shipped correlations.

    Args:
        path: a CSV file of `benchmarks/ship.py`, which need not exist.
        requested: pairs of space and task to read; None reads all.

    Returns:
        The rows of `zc_bench.correlate.Report.correlations`, with the name of the store. No rows
        without a file.

    Raises:
        ZcBenchError: if the file is not of that form.
    """
    if not path.exists():
        return pd.DataFrame(columns=_COLUMNS)
    try:
        table = pd.read_csv(path)[_COLUMNS]
    except (OSError, ValueError, KeyError) as error:
        message = f"{path} is no table of shipped correlations ({error}): write it anew with benchmarks/ship.py."
        raise ZcBenchError(message) from error
    return table if requested is None else _among(table, requested)


def _among(correlations: pd.DataFrame, columns: Collection[tuple[str, str]]) -> pd.DataFrame:
    pairs = zip(correlations["space"], correlations["task"], strict=True)
    return correlations[np.array([pair in columns for pair in pairs], bool)]


def completed(report: Report | None, shipped: pd.DataFrame) -> Completed:
    """Add the shipped columns that a report lacks.

    Args:
        report: the computed report, or None.
        shipped: shipped correlations.

    Returns:
        The report. Without a computed one, it holds shipped columns alone, of which there must be
        one.
    """
    computed = report or Report(pd.DataFrame(columns=_COLUMNS[:-1]), SHIPPED_POLICY, _CONFIDENCE)
    known = set(zip(computed.correlations["space"], computed.correlations["task"], strict=True))
    added = _among(shipped, set(zip(shipped["space"], shipped["task"], strict=True)) - known)
    stores = dict(zip(added["space"] + "-" + added["task"], added["store"], strict=True))
    parts = [part for part in (computed.correlations, added.drop(columns="store")) if len(part)]
    return Completed(replace(computed, correlations=pd.concat(parts, ignore_index=True)), stores)
