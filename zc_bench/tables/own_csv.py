"""A CSV file of the user's own, plain or gzipped: a header, then an architecture per line.

    arch,cifar10
    "(4, 0, 3, 1, 4, 3)",88.5

One column names the architecture: `arch`, `architecture` or `net`. Ground truth is in the columns
that are called like a task, or in one called `metric`, `accuracy` or `val_accuracy`, or else in the
only column that there is; the task is in the column `dataset` or `task`, if not named by the user.
Every other column holds published scores of the proxy that it is called after. An empty cell is no
value. Lines before the header that begin with `#` are comments.
"""

import csv
import gzip
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Never, TextIO

from zc_bench.errors import ZcBenchError
from zc_bench.tables.rows import PROXY_NAME, Row, readers
from zc_bench.tasks import task_registry

_ARCHITECTURE = ("arch", "architecture", "net")
_TASK = ("dataset", "task")
_TRUTH = ("metric", "accuracy", "val_accuracy")
_IGNORED = ("net_str", "id", "idx")


@dataclass(frozen=True)
class _Header:
    """Which column holds what.

    Attributes:
        width: the number of columns.
        architecture: the place of the architecture.
        task: the place of the task, if there is one.
        truth: the place of the ground truth of that task, if there is one.
        truths: places of ground truth by task.
        scores: places of scores by proxy.
    """

    width: int
    architecture: int
    task: int | None
    truth: int | None
    truths: Mapping[str, int]
    scores: Mapping[str, int]


def read(path: Path, *, only_scores: bool = False) -> Iterator[Row]:
    """Yield what the file says about every architecture.

    Args:
        path: the file.
        only_scores: whether a single column whose name says nothing holds scores, and not ground
            truth.

    Raises:
        ZcBenchError: if the file is damaged or of another form; the message names the line.
    """
    with closing(_open(path)) as file:
        lines = csv.reader(file, strict=True)
        try:
            header = None
            for cells in lines:
                place = f"line {lines.line_num}"
                if header is not None:
                    yield from _rows(header, cells, place)
                elif cells and not cells[0].startswith("#"):
                    header = _read_header(cells, only_scores)
            if header is None:
                _refuse("the file has no header")
        except (ValueError, csv.Error, OSError, EOFError, zlib.error) as error:
            message = (
                f"{path}, line {max(1, lines.line_num)}: {error}. Mend the line, or export the "
                "file anew."
            )
            raise ZcBenchError(message) from error


def _open(path: Path) -> TextIO:
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
        # A damaged byte becomes a character that no number holds, so that its line is named.
        if zipped:
            return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
        return path.open(encoding="utf-8-sig", errors="replace", newline="")
    except OSError as error:
        message = (
            f"{path} cannot be read ({error.strerror}): give a file that is there and readable."
        )
        raise ZcBenchError(message) from error


def _read_header(cells: Sequence[str], only_scores: bool) -> _Header:
    places = {cell.strip().lower(): place for place, cell in enumerate(cells)}
    if len(places) < len(cells):
        _refuse("the header has a name twice")
    architecture = _one_of(_ARCHITECTURE, places)
    if architecture is None:
        _refuse(
            f"the header has none of the columns {', '.join(_ARCHITECTURE)}; it has {', '.join(cells)[:100]!r}"
        )
    task, truth = _one_of(_TASK, places), _one_of(_TRUTH, places)
    truths = {name: places.pop(name) for name in list(places) if name in task_registry}
    scores = {name: place for name, place in places.items() if name not in _IGNORED}
    if not truths and truth is None and len(scores) == 1 and not only_scores:
        truth = scores.popitem()[1]
    unnamed = next((name for name in scores if not PROXY_NAME.fullmatch(name)), None)
    if unnamed is not None:
        _refuse(f"{unnamed[:50]!r} in the header is no name of a proxy")
    return _Header(len(cells), architecture, task, truth, truths, scores)


def _one_of(names: Sequence[str], places: dict[str, int]) -> int | None:
    """Take the first of some columns out of those that are there."""
    found = [places.pop(name) for name in names if name in places]
    return found[0] if found else None


def _rows(header: _Header, cells: Sequence[str], place: str) -> Iterator[Row]:
    if not cells:
        return
    if len(cells) != header.width:
        _refuse(
            f"there are {len(cells)} cells, the header has {header.width} (quote what holds commas)"
        )
    architecture = cells[header.architecture]
    for task, column in header.truths.items():
        yield Row(task, architecture, _number(cells[column]), place=place)
    task = cells[header.task].strip().lower() if header.task is not None else ""
    truth = _number(cells[header.truth]) if header.truth is not None else math.nan
    scores = {
        proxy: _number(cells[column])
        for proxy, column in header.scores.items()
        if cells[column].strip()
    }
    if header.truth is not None or scores:
        yield Row(task, architecture, truth, scores, place=place)


def _number(cell: str) -> float:
    if not cell.strip():
        return math.nan
    try:
        return float(cell)
    except ValueError:
        _refuse(f"{cell[:50]!r} is not a number")


def _refuse(what: str) -> Never:
    raise ValueError(what)


readers.register("own_csv", read)
