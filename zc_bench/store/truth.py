"""Ground truth for the trials of a store."""

import math
from collections.abc import Iterable

from zc_bench.tables import Table


def known_truth(table: Table | None, task: str, architectures: Iterable[str]) -> dict[str, float]:
    """Look up the ground truth of those architectures that have one.

    Args:
        table: the ground truth of the space, if it was found.
        task: a task.
        architectures: canonical keys.

    Returns:
        Ground truth by architecture, in the unit of the task's metric.
    """
    if table is None or task not in table.tasks:
        return {}
    known = sorted(set(table.keys).intersection(architectures))
    values = table.lookup(task, known).tolist()
    return {key: value for key, value in zip(known, values, strict=True) if not math.isnan(value)}
