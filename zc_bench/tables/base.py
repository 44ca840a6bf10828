"""What a benchmark table is, and how the rows of a published file become one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zc_bench.errors import ZcBenchError
from zc_bench.tables.catalogue import TableFile
from zc_bench.tables.rows import Row, columns, gather
from zc_bench.tables.string_index import Keys


@dataclass(frozen=True, eq=False)
class Table:
    """Ground truth of a space.

    Attributes:
        space: the name of the space.
        keys: canonical keys, sorted (n,).
        metrics: per task, float64 (n,) in the unit of the task's metric; NaN where there is no ground truth.
        provenance: where the numbers come from: source, file, url, sha256, licence, split, epochs, runs where known;
            flat.
    """

    space: str
    keys: Sequence[str]
    metrics: Mapping[str, np.ndarray]
    provenance: Mapping[str, str | int]

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks with ground truth."""
        return tuple(self.metrics)

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

    def _metrics(self, task: str) -> np.ndarray:
        if task not in self.metrics:
            message = (
                f"The table of {self.space} from {self.provenance['file']} has no ground truth for task {task!r}: "
                f"it holds {', '.join(self.tasks)}; choose one of these, or provide a file that holds the task."
            )
            raise ZcBenchError(message)
        return self.metrics[task]


def tabulate(entry: TableFile, rows: Iterable[Row]) -> Table:
    """Gather the rows of a published file into a table, their architectures by canonical key.

    Args:
        entry: the file that the rows come from.
        rows: in any order; those of other spaces and tasks are left out.

    Returns:
        The table, with the tasks in the order in which the catalogue declares them.

    Raises:
        ZcBenchError: if a row names no architecture of the space, an architecture comes twice for a task, or a declared
            task has no row.
    """
    truths = gather(entry.space, entry.tasks, rows, lambda what: _malformed(entry, what)).truths
    empty = next((task for task, column in truths.items() if not column), None)
    if empty is not None:
        raise _malformed(entry, f"no row for the task {empty!r}")
    keys, metrics = columns(truths)
    return Table(entry.space, keys, metrics, entry.provenance())


def _malformed(entry: TableFile, what: str) -> ZcBenchError:
    return ZcBenchError(
        f"{entry.file} is not the file that it should be: {what}. Replace it by a fresh copy."
    )
