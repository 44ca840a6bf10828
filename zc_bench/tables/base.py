"""Benchmark tables, and the columns made from the rows of a published file."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from zc_bench.errors import ZcBenchError
from zc_bench.tables.catalogue import TableFile
from zc_bench.tables.compact import Columns
from zc_bench.tables.rows import Row, columns, gather
from zc_bench.tables.string_index import Keys

# The attribute of a frame of scores that holds the remarks about its ground truth.
REMARKS = "remarks"

# The source in the provenance of a table that the user imported.
IMPORTED = "your own, imported"
NAMED = "your own, named for this run"


@dataclass(frozen=True, eq=False)
class Table:
    """Ground truth of a space: one metric, by task and architecture.

    Attributes:
        space: the name of the space.
        keys: canonical keys, sorted (n,).
        metrics: per task, float64 (n,) in the unit of the metric; NaN where there is no ground
            truth.
        provenance: where the numbers come from: source, file, url, sha256, licence, split, epochs,
            runs where known, and `truth`, the name of the metric, unless it is the task's own;
            flat.
        place: where it was found: a path, or that it comes with the package.
    """

    space: str
    keys: Sequence[str]
    metrics: Mapping[str, np.ndarray]
    provenance: Mapping[str, str | int]
    place: str = ""

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks with ground truth."""
        return tuple(self.metrics)

    def __getitem__(self, task: str) -> "pd.Series[float]":
        """Return the ground truth of a task by architecture, of all architectures that have one.

        Args:
            task: the task.

        Returns:
            Float64, its index the canonical keys, sorted.

        Raises:
            ZcBenchError: if the table does not hold the task.

        Examples:
            >>> from zc_bench import load_table
            >>> accuracy = load_table("nb201")["cifar100"]
            >>> len(accuracy), float(accuracy["(4, 0, 3, 1, 4, 3)"])
            (15625, 63.32)
        """
        metrics = self._metrics(task)
        known = np.flatnonzero(np.isfinite(metrics))
        index = pd.Index(list(Keys.of(self.keys).at(known)), name="architecture")
        return pd.Series(metrics[known], index, name=task)

    def lookup(self, task: str, keys: Sequence[str]) -> np.ndarray:
        """Look up the ground truth of some architectures.

        Args:
            task: the task.
            keys: canonical keys (n,).

        Returns:
            Float64 (n,), in the order of `keys`; NaN where there is no ground truth.

        Raises:
            ZcBenchError: if the table does not hold the task, or one of the keys.
        """
        metrics = self._metrics(task)
        places = Keys.of(self.keys).places(keys)
        missing = next((key for key, place in zip(keys, places, strict=True) if place < 0), None)
        if missing is not None:
            message = (
                f"The table of {self.space} from {self.provenance['file']} has no architecture {missing!r}: "
                f"expected a canonical key like {self.keys[0]!r}."
            )
            raise ZcBenchError(message)
        found: np.ndarray = metrics[places]
        return found

    def keys_with(self, task: str) -> Keys:
        """Return the keys of the architectures that have ground truth for a task.

        Raises:
            ZcBenchError: if the table does not hold the task.
        """
        return Keys.of(self.keys).at(np.flatnonzero(np.isfinite(self._metrics(task))))

    def counts(self) -> dict[str, int]:
        """Return by task how many architectures have ground truth."""
        return {task: int(np.isfinite(metrics).sum()) for task, metrics in self.metrics.items()}

    def describe(self) -> str:
        """Say in a sentence what the ground truth is, where it comes from and of how many architectures."""
        facts = self.provenance
        metric = f"{facts['truth']}, " if "truth" in facts else ""
        of_source = f" ({facts['file']})" if self.own else ""
        parts = [
            f"{metric}{facts['source']}{of_source}",
            self._extent(),
            f"split: {facts['split']}" if "split" in facts else "",
            f"licence: {facts['licence']}" if "licence" in facts else "",
            self.place,
        ]
        return f"Ground truth of {self.space}: {'; '.join(filter(None, parts))}."

    @property
    def own(self) -> bool:
        """Whether the user imported it."""
        return self.provenance.get("source") in (IMPORTED, NAMED)

    def remark(self) -> str:
        """Return the remark that correlations with this table need.

        Nothing where they are with the official numbers.
        """
        if self.own:
            files = ", ".join(Path(file).name for file in str(self.provenance["file"]).split(", "))
            return (
                f"The ground truth of {self.space} is {self.provenance['source']} ({files}): "
                f"{self._extent()}."
            )
        truth = self.provenance.get("truth")
        return (
            f"The ground truth of {self.space} is {truth}: {self.provenance['holds']}."
            if truth
            else ""
        )

    def _extent(self) -> str:
        return (
            ", ".join(f"{task} of {count:,}" for task, count in self.counts().items())
            + " architectures"
        )

    def _metrics(self, task: str) -> np.ndarray:
        if task not in self.metrics:
            message = (
                f"The table of {self.space} from {self.provenance['file']} has no ground truth for task {task!r}: "
                f"it holds {', '.join(self.tasks)}; choose one of these, or provide a file that holds the task."
            )
            raise ZcBenchError(message)
        return self.metrics[task]


def tabulate(entry: TableFile, rows: Iterable[Row]) -> Columns:
    """Gather the rows of a published file into columns, their architectures by canonical key.

    Args:
        entry: the file that the rows come from.
        rows: in any order; those of other spaces and tasks are left out.

    Returns:
        A column per task, or per metric and task, in the order in which the catalogue declares
        them.

    Raises:
        ZcBenchError: if a row names no architecture of the space, an architecture comes twice for a
            task, or what is declared has no row.
    """
    gathered = gather(
        entry.space, entry.tasks, _with_task(entry, rows), lambda what: _malformed(entry, what)
    )
    found = dict(gathered.truths)
    if entry.metrics:
        pairs = [(metric, task) for metric in entry.metrics for task in entry.tasks]
        found = {
            f"{metric}/{task}": gathered.scores.get((task, metric), {}) for metric, task in pairs
        }
    empty = next((name for name, column in found.items() if not column), None)
    if empty is not None:
        raise _malformed(entry, f"no row for the {'metric' if entry.metrics else 'task'} {empty!r}")
    keys, values = columns(found)
    return Columns(
        keys, {name: _known(entry, column) for name, column in values.items()}, entry.provenance()
    )


def as_table(entry: TableFile, found: Columns, truth: str = "", place: str = "") -> Table:
    """Choose a metric of a published file.

    Args:
        entry: the file.
        found: what it holds.
        truth: the name of the metric; that of the tasks unless given.
        place: where it was found.
    """
    chosen = {"truth": truth, "holds": entry.truths[truth]} if truth else {}
    prefix = f"{truth}/" if truth in entry.metrics else ""
    metrics = {task: found.values[prefix + task] for task in entry.tasks}
    return Table(entry.space, found.keys, metrics, {**found.facts, **chosen}, place)


def _with_task(entry: TableFile, rows: Iterable[Row]) -> Iterator[Row]:
    """Add the name of the task where the file has a single task and does not name it."""
    for row in rows:
        yield row if row.task or len(entry.tasks) > 1 else row._replace(task=entry.tasks[0])


def _known(entry: TableFile, values: np.ndarray) -> np.ndarray:
    """Replace what the file writes for a number that does not exist."""
    return values if entry.missing is None else np.where(values == entry.missing, math.nan, values)


def _malformed(entry: TableFile, what: str) -> ZcBenchError:
    return ZcBenchError(
        f"{entry.file} is not the file that it should be: {what}. Replace it by a fresh copy."
    )
