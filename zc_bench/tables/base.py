"""What a benchmark table is, and how the rows of a file become one."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from zc_bench.errors import ZcBenchError
from zc_bench.registry import Registry
from zc_bench.spaces import spaces
from zc_bench.tables.catalogue import TableFile

# Task, architecture (canonical key or native string), ground truth.
Row = tuple[str, str, float]
Reader = Callable[[Path], Iterator[Row]]

readers: Registry[Reader] = Registry("table format")


@dataclass(frozen=True, eq=False)
class Table:
    """Ground truth of a space.

    Attributes:
        space: the name of the space.
        keys: canonical keys, sorted (n,).
        metrics: per task, float64 (n,) in the unit of the task's metric; NaN where there is no ground truth.
        provenance: where the numbers come from: source, file, url, sha256, licence, split, epochs where known; flat.
    """

    space: str
    keys: tuple[str, ...]
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
        if task not in self.metrics:
            message = (
                f"The table of {self.space} from {self.provenance['file']} has no ground truth for task {task!r}: "
                f"it holds {', '.join(self.tasks)}; choose one of these, or provide a file that holds the task."
            )
            raise ZcBenchError(message)
        missing = next((key for key in keys if key not in self._places), None)
        if missing is not None:
            message = (
                f"The table of {self.space} from {self.provenance['file']} has no architecture {missing!r}: "
                f"expected a canonical key like {self.keys[0]!r}."
            )
            raise ZcBenchError(message)
        places = np.array([self._places[key] for key in keys], dtype=np.intp)
        found: np.ndarray = self.metrics[task][places]
        return found

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: place for place, key in enumerate(self.keys)}


def tabulate(entry: TableFile, rows: Iterable[Row]) -> Table:
    """Gather rows into a table, their architectures by canonical key.

    Args:
        entry: the file that the rows come from.
        rows: in any order.

    Returns:
        The table, with the tasks in the order in which the catalogue declares them.

    Raises:
        ZcBenchError: if a row names another task or no architecture of the space, an architecture comes twice for a
            task, or a declared task has no row.
    """
    columns: dict[str, dict[str, float]] = {task: {} for task in entry.tasks}
    # Each architecture comes once per task; reading its string is what takes the time.
    parse = cache(spaces[entry.space].parse)
    for task, text, value in rows:
        if task not in columns:
            raise _malformed(entry, f"a row names the task {task!r}, expected one of {', '.join(columns)}")
        try:
            key = parse(text).key
        except ZcBenchError as error:
            raise _malformed(entry, str(error)) from error
        if key in columns[task]:
            raise _malformed(entry, f"the architecture {key} comes twice for {task}")
        columns[task][key] = value
    empty = next((task for task, column in columns.items() if not column), None)
    if empty is not None:
        raise _malformed(entry, f"no row for the task {empty!r}")
    keys = tuple(sorted(set().union(*columns.values())))
    metrics = {task: np.array([column.get(key, math.nan) for key in keys]) for task, column in columns.items()}
    return Table(entry.space, keys, metrics, entry.provenance())


def _malformed(entry: TableFile, what: str) -> ZcBenchError:
    return ZcBenchError(f"{entry.file} is not the file that it should be: {what}. Replace it by a fresh copy.")
