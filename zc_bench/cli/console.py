"""What the command line prints."""

import logging
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from zc_bench._internal.progress import remarks

if TYPE_CHECKING:
    from zc_bench.engine.declare import Proxy
    from zc_bench.engine.plan import Plan
    from zc_bench.engine.scores import Score
    from zc_bench.statistics.correlate import Report

# In a pipe or a file there is no edge at which to fold a line.
out = Console(width=None if sys.stdout.isatty() else 1000)


def say(sentence: str) -> None:
    """Print a remark; remarks go to standard error, results to standard output."""
    remarks.print(sentence, style="dim", markup=False, soft_wrap=True)


class _LogHandler(logging.Handler):
    """Prints what the package logs as remarks."""

    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())


def show_log() -> None:
    """Print what the package logs, from INFO up; `silence` ends that."""
    logger = logging.getLogger("zc_bench")
    if not any(isinstance(handler, _LogHandler) for handler in logger.handlers):
        logger.addHandler(_LogHandler())
    logger.propagate = False
    logger.setLevel(logging.INFO)


def log(sentence: str) -> None:
    """Print a remark, unless the command is quiet."""
    logging.getLogger("zc_bench.cli").info(sentence)


def silence(quiet: bool) -> None:
    """Print warnings only, if `quiet`."""
    if quiet:
        logging.getLogger("zc_bench").setLevel(logging.WARNING)


def fail(sentence: str) -> None:
    """Print an error."""
    remarks.print("Error:", style="bold red", end=" ")
    remarks.print(sentence, markup=False, soft_wrap=True)


def show_table(
    columns: Mapping[str, str], rows: Sequence[tuple[str, ...]], title: str | None = None
) -> None:
    """Print a table.

    Args:
        columns: heading to justification ("left", "right").
        rows: one tuple of cells per row.
        title: above the table.
    """
    if title:
        # A line of its own: as the title of a narrow table it would be folded to the table's width.
        out.print(title, style="bold", markup=False, soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD)
    for heading, justify in columns.items():
        table.add_column(
            heading, justify="right" if justify == "right" else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*row)
    out.print(table)


def show_facts(facts: Mapping[str, str]) -> None:
    """Print one fact per line, however long."""
    width = max(map(len, facts))
    for name, value in facts.items():
        out.print(f"{name:<{width}}  ", style="bold", end="", highlight=False)
        out.print(value, markup=False, highlight=False, soft_wrap=True)


def show_report(report: "Report") -> None:
    """Print the mean and the spread of Spearman's rank correlation, proxies by tasks, best first."""
    means, spreads = report.spearman(), report.spread()
    counts = report.counts().to_numpy()[means.notna().to_numpy()].tolist() or [0]
    seeds = report.correlations["seed"].nunique()
    rows = [
        (
            str(proxy),
            *(_cell(means.loc[proxy, task], spreads.loc[proxy, task]) for task in means.columns),
        )
        for proxy in means.index
    ]
    smallest, largest = min(counts), max(counts)
    n = f"{smallest}" if smallest == largest else f"{smallest} to {largest}"
    spread = " ± standard deviation over seeds" if seeds > 1 else ""
    show_table(
        {"proxy": "left", **dict.fromkeys(map(str, means.columns), "right")},
        rows,
        f"Spearman's rank correlation with the ground truth: mean{spread}; {n} architectures x {seeds} seed(s)",
    )
    invalid = report.correlations.groupby("proxy")["invalid"].sum()
    counted = [f"{proxy} {count}" for proxy, count in invalid[invalid > 0].items()]
    if counted:
        policy = {"worst": "ranked worst", "drop": "left out"}[report.invalid]
        say(f"Invalid scores, {policy} (--invalid): {', '.join(counted)}.")


def _cell(mean: float, spread: float) -> str:
    if math.isnan(mean):
        return "undefined"
    return f"{mean:.3f}" if math.isnan(spread) else f"{mean:.3f} ± {spread:.3f}"


def show_scores(scores: Mapping[str, "Score"]) -> None:
    """Print the scores of one trial."""
    rows = [
        (name, f"{score.value:.6g}" if score.status == "done" else str(score.status), score.reason)
        for name, score in scores.items()
    ]
    show_table({"proxy": "left", "score": "right", "remark": "left"}, rows)


def show_proxies(entries: Iterable["Proxy"]) -> None:
    """Print what each proxy is, what it needs and where it comes from."""
    for entry in sorted(entries, key=lambda entry: entry.name):
        facts = [
            f"{'higher' if entry.higher_is_better else 'lower'} is better",
            "uses labels" if entry.uses_labels else "uses no labels",
            f"needs {', '.join(kind.__name__ for kind in entry.needs.values())}",
        ]
        if entry.classification_only:
            facts.append("classification only")
        out.print(
            f"[bold]{entry.name}[/bold]@{entry.version}  {escape(entry.summary)}", highlight=False
        )
        out.print(f"    {'; '.join(facts)}", highlight=False)
        out.print(f"    {escape(entry.source)}", style="dim", highlight=False)


def show_plan(planned: "Plan") -> None:
    """Print which passes run and whom they serve."""
    serving = {
        step.name: [entry.name for entry in planned.proxies if step in planned.rests_on(entry)]
        for step in planned.passes
    }
    rows = [
        (
            step.name,
            (step.function.__doc__ or "").strip().splitlines()[0],
            ", ".join(kind.__name__ for kind in step.produces if kind in planned.requested),
            ", ".join(serving[step.name]),
        )
        for step in planned.passes
    ]
    show_table(
        dict.fromkeys(("pass", "what it does", "gives", "serves"), "left"),
        rows,
        "Passes, each once, in the order in which they run",
    )
