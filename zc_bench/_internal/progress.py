"""How far long work is: a progress bar with an estimate of the time that is left."""

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from zc_bench._internal.durations import format_duration


@dataclass(frozen=True)
class Progress:
    """How far a run is, or several.

    Attributes:
        finished: trials with all their scores.
        total: trials altogether.
        computed: trials that were computed since it was last started.
        failed: scores that failed since then.
        seconds: time since then.
        left: seconds to the end of the work, estimated from the trials since then; None before the
            first.
        allowed: seconds to the end of the budget.
    """

    finished: int
    total: int
    computed: int
    failed: int
    seconds: float = 0.0
    left: float | None = None
    allowed: float = math.inf


# Remarks and progress go to standard error, results to standard output.
remarks = Console(stderr=True, highlight=False, markup=False, emoji=False)


@contextmanager
def progress_bar(shown: bool | None = None, what: str = "trials") -> Iterator["Bar"]:
    """Show a progress bar while the block lasts.

    Args:
        shown: whether to show it; None shows it in terminals and notebooks.
        what: what is counted, in the plural.

    Yields:
        The bar.
    """
    bar = RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}"),
        console=remarks,
        disable=not (is_interactive() if shown is None else shown),
    )
    with bar:
        yield Bar(bar, what)


def is_interactive() -> bool:
    """Return whether a person reads along: in a terminal, or in a notebook."""
    return remarks.is_terminal or remarks.is_jupyter or "ipykernel" in sys.modules


class Bar:
    """A progress bar over the trials of a run, or over anything else that is counted."""

    def __init__(self, bar: RichProgress, what: str = "trials") -> None:
        self._bar = bar
        self._what = what
        self._task = bar.add_task(what, total=None, pace="")

    def show(self, progress: Progress) -> None:
        """Draw the current state."""
        failed = f" ({progress.failed} failed scores)" if progress.failed else ""
        self._bar.update(
            self._task,
            total=progress.total,
            completed=progress.finished,
            description=f"{self._what}{failed}",
            pace=_pace(progress),
        )


def _pace(progress: Progress) -> str:
    """Write trials per minute, the time to the end of the work, and that to the end of the budget."""
    if progress.left is None or not progress.computed:
        return ""
    pace = 60 * progress.computed / progress.seconds
    stops = progress.allowed < progress.left
    budget = f", stops in {format_duration(progress.allowed)}" if stops else ""
    return f"{pace:.3g} a minute, {format_duration(progress.left)} to the end{budget}"
