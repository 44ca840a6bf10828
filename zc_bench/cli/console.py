"""What the command line prints."""

import logging
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from zc_bench._internal.progress import remarks
from zc_bench.cli.layout import fitting_widths, wrapped
from zc_bench.errors import ZcBenchWarning

if TYPE_CHECKING:
    from zc_bench.engine.declare import Proxy
    from zc_bench.engine.derived import DerivedProxy
    from zc_bench.engine.plan import Plan
    from zc_bench.engine.scores import Score
    from zc_bench.execution.percentile import Percentile

_WITHOUT_A_TERMINAL = 80  # letters in a line, unless COLUMNS says otherwise


def _width() -> int | None:
    """Return how wide lines are; None takes the width of the terminal."""
    if sys.stdout is not None and sys.stdout.isatty():
        return None
    named = os.environ.get("COLUMNS", "")
    return int(named) if named.isdecimal() and 0 < len(named) < 6 else _WITHOUT_A_TERMINAL


# What is printed is text: [x] is three letters.
out = Console(width=_width(), markup=False, emoji=False)


def say(sentence: str) -> None:
    """Print a remark; remarks go to standard error, results to standard output."""
    remarks.print(plain(sentence), style="dim", soft_wrap=True)


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
    remarks.print(plain(sentence), soft_wrap=True)


@contextmanager
def warnings_said() -> Iterator[None]:
    """Print warnings of this package as remarks, without the place in the code, while the block lasts."""
    ordinary = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, ZcBenchWarning):
            say(str(message))
        else:
            ordinary(message, category, *place, **more)

    with warnings.catch_warnings():
        warnings.simplefilter("always", ZcBenchWarning)
        warnings.showwarning = show
        yield


def plain(text: str) -> str:
    r"""Spell out what is no letter, so that no text of a file moves the cursor or colours what follows.

    Args:
        text: any text.

    Returns:
        The text with control characters and halves of characters as Python writes them.

    Example:
        >>> plain("a\x1b[2Jb")
        'a\\x1b[2Jb'
    """
    return "".join(
        letter
        if letter.isprintable() or letter == "\n"
        else letter.encode("unicode_escape").decode()
        for letter in text
    )


def show_table(
    columns: Mapping[str, str], rows: Sequence[tuple[str, ...]], title: str | None = None
) -> None:
    """Print a table; one that is too wide for its words is printed row by row, a cell per line.

    Args:
        columns: heading to justification ("left", "right").
        rows: one tuple of cells per row.
        title: above the table.
    """
    if title:
        say_title(title)
    shown = [tuple(map(plain, row)) for row in rows]
    cells = [list(column) for column in zip(map(plain, columns), *shown, strict=True)]
    wraps = [justify != "right" for justify in columns.values()]
    widths = fitting_widths(cells, wraps, out.width)
    if widths is None:
        _show_records(list(map(plain, columns)), shown)
        return
    table = Table(box=box.SIMPLE_HEAD)
    for (heading, justify), width in zip(columns.items(), widths, strict=True):
        table.add_column(
            Text(plain(heading)), justify="right" if justify == "right" else "left", width=width
        )
    for row in shown:
        table.add_row(*map(Text, row))
    out.print(table)


def _show_records(headings: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    """Print the cells of a row below each other, with their headings."""
    width = max(map(len, headings))
    for row in rows:
        out.print()
        for heading, cell in zip(headings, row, strict=True):
            lines = wrapped(cell, out.width - width - 2)
            out.print(
                f"{heading:<{width}}  ", style="bold", end="", highlight=False, soft_wrap=True
            )
            out.print(f"\n{'':{width}}  ".join(lines), highlight=False, soft_wrap=True)
    out.print()


def say_title(title: str) -> None:
    """Print the title of what follows, wrapped between words."""
    out.print("\n".join(wrapped(plain(title), out.width)), style="bold", soft_wrap=True)


def show_line(sentence: str) -> None:
    """Print a sentence of the results, wrapped between words."""
    text = "\n".join(wrapped(plain(sentence), out.width))
    out.print(text, highlight=False, soft_wrap=True)


def show_facts(facts: Mapping[str, str]) -> None:
    """Print one fact per line, however long."""
    width = max(map(len, facts))
    for name, value in facts.items():
        out.print(
            plain(f"{name:<{width}}  "), style="bold", end="", highlight=False, soft_wrap=True
        )
        out.print(plain(value), highlight=False, soft_wrap=True)


def show_scores(scores: Mapping[str, "Score"], percentiles: Mapping[str, "Percentile"]) -> None:
    """Print the scores of one trial, and where they are among shipped ones, if there are any."""
    rows = [
        (
            name,
            f"{score.value:.6g}" if score.status == "done" else str(score.status),
            f"{percentiles[name].value:.1f}" if name in percentiles else "",
            f"{percentiles[name].among:,}" if name in percentiles else "",
            score.reason,
        )
        for name, score in scores.items()
    ]
    columns = {"proxy": "left", "score": "right", "percentile": "right", "among": "right"}
    columns |= {"remark": "left"}
    kept = [place for place in range(5) if place < 2 or any(row[place] for row in rows)]
    names = list(columns)
    show_table(
        {names[place]: columns[names[place]] for place in kept},
        [tuple(row[place] for place in kept) for row in rows],
    )
    if percentiles:
        show_line(
            "percentile: of the shipped scores of this space and task, of all seeds, those that are lower."
        )


def show_proxies(entries: Iterable["Proxy"]) -> None:
    """Print what each proxy is, what it needs and where it comes from."""
    # Imported here: it imports torch, and most commands do without it.
    from zc_bench.engine.derived import needs_in_words
    from zc_bench.proxies.groups import group_of

    for entry in sorted(entries, key=lambda entry: entry.name):
        facts = [
            f"group {group_of(entry.name)}",
            f"{'higher' if entry.higher_is_better else 'lower'} is better",
            "uses labels" if entry.uses_labels else "uses no labels",
            f"needs {needs_in_words(entry)}",
        ]
        if entry.classification_only:
            facts.append("classification only")
        out.print(plain(entry.name), style="bold", end="", highlight=False)
        out.print(plain(f"@{entry.version}  {entry.summary}"), highlight=False)
        out.print(plain(f"    {'; '.join(facts)}"), highlight=False)
        out.print(plain(f"    {entry.source}"), style="dim", highlight=False)


def show_plan(planned: "Plan", derived: Sequence["DerivedProxy"]) -> None:
    """Print which passes run and which proxies use them, and which proxies are derived."""
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
    if derived:
        show_table(
            dict.fromkeys(("proxy", "reads"), "left"),
            [(entry.name, f"scores of {', '.join(entry.inputs)}") for entry in derived],
            "Derived proxies: no pass runs for them",
        )
