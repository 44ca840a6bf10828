"""Tables of results: rank correlations, and what a run would cost."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from zc_bench._internal.durations import format_duration
from zc_bench.cli import console
from zc_bench.cli.layout import packed, spaced
from zc_bench.costs import Estimate
from zc_bench.figures.intervals import intervals
from zc_bench.statistics.correlate import Report

_UNDEFINED = "undefined"

Cells = Mapping[tuple[str, str], Any]
"""By proxy and column, a row of `intervals`."""


def show_report(report: Report) -> None:
    """Print rank correlations, proxies by tasks, best first; every row with n and its intervals.

    Tasks that do not fit beside each other get tables of their own, space by space.
    """
    cells = intervals(report)
    cells = cells.assign(column=cells["space"] + "-" + cells["task"])
    # Where rho is undefined in all seeds, n says of how many trials.
    groups = report.correlations.groupby(["space", "task", "proxy"], sort=False)
    tried = groups["seed"].nunique().to_numpy()
    cells["seeds"] = cells["seeds"].where(cells["seeds"] > 0, tried)
    order = report.spearman()
    by_place: Cells = {
        (str(row.proxy), str(row.column)): row for row in cells.itertuples(index=False)
    }
    spaces = dict(zip(cells["column"], cells["space"], strict=True))
    console.say_title(
        f"Spearman's rank correlation with the ground truth: mean over seeds [{report.confidence:.0%} "
        "interval]; n is architectures x seeds"
    )
    for columns in _tables(order, by_place, spaces):
        rows = [
            (
                str(proxy),
                _n([by_place[proxy, name] for name in columns if (proxy, name) in by_place]),
                *(_cell(by_place.get((proxy, name))) for name in columns),
            )
            for proxy in order.index
        ]
        kinds = {"proxy": "left", "n": "right", **dict.fromkeys(columns, "right")}
        console.show_table(kinds, rows)
    for line in (*_undefined(report, order, by_place), *_different_n(cells), *report.remarks):
        console.show_line(line)
    _say_invalid(report)


def _tables(order: pd.DataFrame, by_place: Cells, spaces: dict[str, str]) -> list[list[str]]:
    """Divide the columns among tables that are as wide as what they are printed on."""
    names = list(map(str, order.columns))
    widths = [
        max(len(name), *(len(_cell(by_place.get((proxy, name)))) for proxy in order.index))
        for name in names
    ]
    ns = [_n([cell for (name, _), cell in by_place.items() if name == p]) for p in order.index]
    beside = spaced(max(map(len, map(str, order.index))), max(map(len, ns)))
    places = packed(widths, beside, console.out.width)
    if len(places) == 1:
        return [names]
    found = []
    for space in dict.fromkeys(spaces[name] for name in names):
        own = [place for place, name in enumerate(names) if spaces[name] == space]
        divided = packed([widths[place] for place in own], beside, console.out.width)
        found += [[names[own[place]] for place in table] for table in divided]
    return found


def _n(cells: Sequence[Any]) -> str:
    """Write architectures x seeds of some cells; where they differ, from the fewest to the most."""
    return f"{_range([cell.n for cell in cells])} x {_range([cell.seeds for cell in cells])}"


def _range(numbers: Sequence[int]) -> str:
    fewest, most = min(numbers, default=0), max(numbers, default=0)
    return f"{fewest}" if fewest == most else f"{fewest}-{most}"


def _cell(cell: Any) -> str:
    if cell is None or math.isnan(cell.spearman):
        return _UNDEFINED
    if math.isnan(cell.low):
        return f"{cell.spearman:.3f}"
    return f"{cell.spearman:.3f} [{cell.low:.2f}, {cell.high:.2f}]"


def _undefined(report: Report, order: pd.DataFrame, by_place: Cells) -> list[str]:
    """Say why cells are undefined, a line per reason."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for proxy in map(str, order.index):
        for name in sorted(map(str, order.columns)):
            cell = by_place.get((proxy, name))
            if _cell(cell) == _UNDEFINED:
                place = ("", "", "") if cell is None else (cell.space, cell.task, cell.proxy)
                reason = report.undefined.get(place, "no trial has a score yet")
                reasons.setdefault((proxy, reason), []).append(name)
    return [
        f"{proxy} is undefined on {', '.join(names)}: {reason}."
        for (proxy, reason), names in reasons.items()
    ]


def _different_n(cells: pd.DataFrame) -> list[str]:
    """Say that rows are not about the same architectures, if so."""
    if all(column["n"].nunique() == 1 for _, column in cells.groupby("column")):
        return []
    return [
        "Rows with different n are about different architectures; `compare` of a result takes "
        "those that two proxies have in common."
    ]


def _say_invalid(report: Report) -> None:
    invalid = report.correlations.groupby("proxy")["invalid"].sum()
    counted = [f"{proxy} {count}" for proxy, count in invalid[invalid > 0].items()]
    if counted:
        policy = {"worst": "ranked worst", "drop": "left out"}[report.invalid]
        console.say(f"Invalid scores, {policy} (--invalid): {', '.join(counted)}.")


def show_estimate(found: Estimate) -> None:
    """Print what is left of a run, and what it would cost here."""
    rows = [
        (
            str(row.space),
            str(row.task),
            str(row.proxies),
            f"{row.trials:,}",
            f"{row.seconds:.3g}" if row.measured else f"{row.seconds:.3g}*",
            f"{row.hours:.3g}",
        )
        for row in found.costs.itertuples(index=False)
    ]
    left = ("space", "task", "proxies computed together")
    right = ("trials left", "seconds per trial", "hours of one worker")
    if rows:
        console.show_table({**dict.fromkeys(left, "left"), **dict.fromkeys(right, "right")}, rows)
    if not found.costs["measured"].all():
        console.show_line("*: not measured, but by what similar sets of proxies cost.")
    workers = f"{found.workers} worker{'s' if found.workers > 1 else ''} ({found.device})"
    console.show_line(
        f"{found.finished:,} of {found.total:,} trials are finished, {found.total - found.finished:,} are "
        f"left: about {format_duration(found.seconds)} on {workers}. Nothing was kept."
    )
