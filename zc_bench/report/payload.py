"""The data for the script of the page: points, architectures with cells, and costs."""

from typing import Any

from zc_bench.report.cell_diagrams import Cells
from zc_bench.report.findings import Findings
from zc_bench.report.points import points
from zc_bench.tasks import task_registry


def gather(findings: Findings, limit: int) -> dict[str, Any]:
    """Gather the data.

    Args:
        findings: the numbers of the page.
        limit: the largest number of points of a column.

    Returns:
        Fit for JSON: proxies, best first; columns, as `points` produces them, with the metric of
        the task and the places of their architectures in keys; keys; cells, see `Cells.draw`, by
        place; shapes and labels, see `Cells`; costs of the proxies that have a time and a
        correlation: proxy, seconds, rho.
    """
    names = [str(name) for name in findings.report.spearman().index]
    columns = points(findings.rows, names, limit)
    cells = Cells()
    # An architecture of several tasks and seeds is written once.
    places: dict[tuple[str, str], int] = {}
    for column in columns:
        of = [(column["space"], key) for key in column["architectures"]]
        column["architectures"] = [
            places.setdefault(architecture, len(places)) for architecture in of
        ]
        column["metric"] = (
            task_registry[column["task"]].metric
            if column["task"] in task_registry
            else "ground truth"
        )
    return {
        "proxies": names,
        "columns": columns,
        "keys": [key for _, key in places],
        "cells": [cells.draw(space, key) for space, key in places],
        "shapes": cells.shapes,
        "labels": cells.labels,
        "costs": _costs(findings),
    }


def _costs(findings: Findings) -> list[dict[str, Any]]:
    costs = findings.costs.dropna()
    return [
        {"proxy": str(proxy), "seconds": float(f"{seconds:.4g}"), "rho": round(rho, 4)}
        # A logarithmic axis has no zero.
        for proxy, seconds, rho in costs[costs["seconds"] > 0].itertuples()
    ]
