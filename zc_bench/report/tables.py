"""The tables of a report: texts, sort keys and tooltips of their cells."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from zc_bench.engine.scores import Status
from zc_bench.report.colours import shade
from zc_bench.report.findings import Findings
from zc_bench.statistics.correlate import Report
from zc_bench.store import summary

_COUNTED = [*(status.value for status in Status), summary.PENDING]
_MOST_REASONS = 100


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: its text; may be empty.
        by: its sort key; None comes last.
        below: a second, smaller line.
        told: the tooltip.
        shade: the class of its colours.
        column: the "space-task" of its points.
    """

    text: str
    by: float | str | None
    below: str = ""
    told: str = ""
    shade: str = ""
    column: str = ""


@dataclass(frozen=True)
class Sheet:
    """A table.

    Attributes:
        name: its id on the page.
        caption: its caption.
        headings: the headings of its columns.
        rows: its rows of cells; the first cell is the heading of the row.
    """

    name: str
    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def heat_map(report: Report) -> Sheet:
    """Arrange mean and spread of Spearman's rho, proxies by columns, best first."""
    means = report.spearman()
    proxies, columns = [list(map(str, names)) for names in (means.index, means.columns)]
    values = [table.to_numpy().tolist() for table in (means, report.spread(), report.counts())]
    rows = [
        [Cell(proxy, proxy), *(_rho(proxy, *cell) for cell in zip(columns, *lines, strict=True))]
        for proxy, *lines in zip(proxies, *values, strict=True)
    ]
    headings = ["proxy", *(column.replace("-", "\n", 1) for column in columns)]
    several = report.correlations["seed"].nunique() > 1
    return Sheet(
        "heat", "Mean ± standard deviation over seeds" if several else "One seed", headings, rows
    )


def _rho(proxy: str, column: str, mean: float, spread: float, n: int) -> Cell:
    told = f"{proxy}, {column}: {_fixed(mean, 4) or 'undefined'}"
    told += f" ± {_fixed(spread, 4)}" if not math.isnan(spread) else ""
    told += f"; n = {n} per seed"
    below = f"±{_fixed(spread, 2)}" if not math.isnan(spread) else ""
    return Cell(_fixed(mean, 2) or "–", _key(mean), below, told, shade(mean), column)


def numbers(findings: Findings) -> Sheet:
    """Arrange all numbers of each cell of the heat map."""
    confidence = f"{findings.report.confidence:.0%}"
    write: dict[str, tuple[str, Callable[[Any], str]]] = {
        "proxy": ("proxy", str),
        "space": ("space", str),
        "task": ("task", str),
        "spearman": ("Spearman's ρ", _fixed),
        "spread": ("± over seeds", _fixed),
        "low": (f"{confidence} from", _fixed),
        "high": ("to", _fixed),
        "kendall": ("Kendall's τ-b", _fixed),
        "n": ("n per seed", _whole),
        "seeds": ("seeds", _whole),
        "invalid": ("invalid", _whole),
        "missing": ("missing", _whole),
        "without_truth": ("without truth", _whole),
        "seconds": ("seconds alone", _seconds),
    }
    frame = findings.numbers[list(write)].sort_values("spearman", ascending=False, kind="stable")
    rows = [
        [
            Cell(as_text(value), _key(value))
            for value, (_, as_text) in zip(row, write.values(), strict=True)
        ]
        for row in frame.itertuples(index=False)
    ]
    return Sheet(
        "numbers",
        "Every number, a row per proxy and task",
        [heading for heading, _ in write.values()],
        rows,
    )


def costs(findings: Findings) -> Sheet:
    """Arrange the costs of proxies beside their correlations."""
    rows = [
        [
            Cell(str(proxy), str(proxy)),
            Cell(_seconds(seconds), _key(seconds)),
            Cell(_fixed(spearman), _key(spearman)),
        ]
        for proxy, seconds, spearman in findings.costs.sort_values(
            "seconds", kind="stable"
        ).itertuples()
    ]
    return Sheet("costs", "Means over columns", ["proxy", "seconds alone", "Spearman's ρ"], rows)


def statuses(findings: Findings) -> Sheet:
    """Arrange the counts of statuses by space and version of a proxy."""
    rows = [
        [
            Cell(str(column), str(column)),
            Cell(source.contents.space, source.contents.space),
            *map(_count, counts),
        ]
        for source in findings.sources
        for column, *counts in summary.statuses(source.contents)[_COUNTED].itertuples()
    ]
    headings = ["proxy@version", "space", *(name.replace("_", " ") for name in _COUNTED)]
    return Sheet("statuses", "Scores by what became of them", headings, rows)


def reasons(findings: Findings) -> Sheet:
    """Arrange the reasons of scores that are not done, the most frequent first."""
    shown = findings.reasons[["proxy", "space", "status", "reason", "scores"]].head(_MOST_REASONS)
    rows = [
        [
            *(Cell(str(value).replace("_", " "), str(value)) for value in names),
            Cell(reason, reason),
            _count(scores),
        ]
        for *names, reason, scores in shown.itertuples(index=False)
    ]
    left_out = len(findings.reasons) - len(rows)
    caption = "Why scores are not done" + (
        f"; {left_out:,} rarer reasons are left out" if left_out else ""
    )
    return Sheet("reasons", caption, list(shown.columns), rows)


def _count(value: int) -> Cell:
    return Cell(_whole(value), int(value))


def _key(value: Any) -> float | str | None:
    """Return the sort key of a value, rounded."""
    if isinstance(value, str):
        return value
    return None if math.isnan(value) else float(f"{value:.6g}")


def _fixed(value: float, decimals: int = 3) -> str:
    """Format a number with a true minus sign, zero without sign, NaN as an empty text."""
    return (
        ""
        if math.isnan(value)
        else f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "\N{MINUS SIGN}")
    )


def _whole(value: float) -> str:
    return f"{int(value):,}"


def _seconds(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3g}"
