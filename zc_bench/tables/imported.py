"""Ground truth and published scores from files of the user's own.

Named for a run, or imported into the data folder.

Unlike the compact table of a public file, what was imported is no cache: it stays until the user
removes it.
"""

import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zc_bench._internal.files import data_folder, explaining, sha256
from zc_bench.errors import ZcBenchError, unknown_name
from zc_bench.spaces import space_registry
from zc_bench.tables import compact, own_csv
from zc_bench.tables.base import IMPORTED, NAMED, Table
from zc_bench.tables.compact import Columns, Facts
from zc_bench.tables.rows import Gathered, Reader, Row, columns, gather, readers
from zc_bench.tables.string_index import Keys
from zc_bench.tasks import task_registry as known_tasks

logger = logging.getLogger(__name__)

# Formats by the end of a file's name; a CSV file may be of two.
_FORMATS = {
    ".zip": "suite_zero_zip",
    ".json": "suite_zero_json",
    ".tfrecord": "nasbench101_tfrecord",
}
_CSV = (".csv", ".csv.gz")


@dataclass(frozen=True, eq=False)
class PublishedScores:
    """Scores of proxies that others computed and published.

    Attributes:
        space: the search space.
        keys: canonical keys, sorted (n,).
        scores: per task and proxy, float64 (n,); NaN where none was published, or one that is not
            finite.
        provenance: the files that they come from, flat.
    """

    space: str
    keys: Sequence[str]
    scores: Mapping[str, Mapping[str, NDArray[np.float64]]]
    provenance: Mapping[str, str | int]


def import_file(
    path: Path,
    space: str,
    task: str = "",
    *,
    only_scores: bool = False,
    folder: Path | None = None,
    agree: Callable[[Table], bool] = lambda _: True,
) -> bool:
    """Import ground truth, and published scores if there are any, from a file of the user's own.

    What was imported before stays; where both have a task (or a proxy on a task), the new file
    takes the place.

    Args:
        path: a zip or JSON of NAS-Bench-Suite-Zero, NAS-Bench-101's TFRecord, the DARTS file of
            SWAP's authors, or a CSV file as `own_csv` describes.
        space: the search space.
        task: the task, where the file does not say it; of a file that does, only this task is
            imported.
        only_scores: whether to leave ground truth alone.
        folder: the data folder, unless it is the usual one.
        agree: asked before anything is written whether the given table may become the ground truth
            of the space.

    Returns:
        Whether anything was imported: not if `agree` says no.

    Raises:
        ZcBenchError: if the file is damaged, of an unknown form, holds nothing for the space and
            task, or numbers that the metric of a task cannot have.
    """
    folder = data_folder() if folder is None else folder
    tasks = _tasks(space, task)
    gathered = _gather(path, space, task, tasks, only_scores)
    truths = (
        {} if only_scores else {name: column for name, column in gathered.truths.items() if column}
    )
    if not truths and not gathered.scores:
        raise _nothing(path, space, tasks, gathered, only_scores)
    for name, column in truths.items():
        _expect_metric(path, name, column)
    facts: dict[str, str | int] = {"source": IMPORTED, "file": str(path), "sha256": sha256(path)}
    joined = _joined(truth_path(folder, space), truths, facts)
    if truths and not agree(_as_table(space, joined)):
        return False
    for names, count in gathered.left_out.items():
        logger.info("Left out: %s rows of %s.", f"{count:,}", names or "no task")
    with explaining(folder):
        if truths:
            compact.write_columns(truth_path(folder, space), joined)
            _tell_truths(space, truths)
        if gathered.scores:
            named = {f"{name}/{proxy}": column for (name, proxy), column in gathered.scores.items()}
            compact.write_columns(
                scores_path(folder, space), _joined(scores_path(folder, space), named, facts)
            )
            _tell_scores(space, gathered.scores)
    return True


def load_truth(space: str, folder: Path) -> Table | None:
    """Load the ground truth that was imported for a space.

    Returns:
        The table, with the tasks in the order of the space; None if nothing was imported.

    Raises:
        ZcBenchError: if what was imported is damaged.
    """
    path = truth_path(folder, space)
    found = _read(path)
    return (
        None
        if found is None
        else _as_table(space, found, f"{path}: remove it to use the official numbers")
    )


def read_truth(path: Path, space: str, task: str = "") -> Table:
    """Read ground truth from a file of the user's own, and keep nothing of it.

    Args:
        path: the file, of a form that can be imported.
        space: the search space.
        task: the task of numbers whose task the file does not say.

    Raises:
        ZcBenchError: if the file is damaged, of an unknown form, or holds no ground truth of the
            space.
    """
    tasks = space_registry[space].tasks
    gathered = _gather(path, space, task, tasks, only_scores=False)
    truths = {name: column for name, column in gathered.truths.items() if column}
    if not truths:
        raise _nothing(path, space, tasks, gathered, only_scores=False)
    keys, values = columns(truths)
    facts = {"source": NAMED, "file": str(path), "sha256": sha256(path), "licence": "your own"}
    return Table(space, keys, values, facts)


def load_published(space: str, folder: Path | None = None) -> PublishedScores:
    """Load the published scores that were imported for a space.

    Args:
        space: the search space.
        folder: the data folder, unless it is the usual one.

    Raises:
        ZcBenchError: if nothing was imported, or it is damaged.
    """
    folder = data_folder() if folder is None else folder
    found = _read(scores_path(folder, space_registry[space].name))
    if found is None:
        message = (
            f"There are no published scores for {space} in {folder}: import a file that holds some with "
            f"`zc-bench data import <file> --space {space} --scores`."
        )
        raise ZcBenchError(message)
    scores: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, values in found.values.items():
        task, proxy = name.split("/")
        scores.setdefault(task, {})[proxy] = values
    return PublishedScores(space, found.keys, scores, _provenance(found))


def truth_path(folder: Path, space: str) -> Path:
    """Name the file of imported ground truth."""
    return folder / f"{space}.imported{compact.SUFFIX}"


def scores_path(folder: Path, space: str) -> Path:
    """Name the file of imported scores."""
    return folder / f"{space}.scores{compact.SUFFIX}"


def _tasks(space: str, task: str) -> tuple[str, ...]:
    known = space_registry[space].tasks
    if not task:
        return known
    if task.lower() not in known:
        kind = f"task of {space}"
        raise unknown_name(kind, task, known)
    return (task.lower(),)


def _gather(path: Path, space: str, task: str, tasks: Sequence[str], only_scores: bool) -> Gathered:
    rows = _with_task(_reader(path, only_scores)(path), path, space, task)
    return gather(space, tasks, rows, lambda what: ZcBenchError(f"{path}: {what}"))


def _expect_metric(path: Path, task: str, column: Mapping[str, float]) -> None:
    """Refuse numbers that are no percentages where the metric of a task is one."""
    wrong = next((key for key, value in column.items() if not 0 <= value <= 100), None)
    if wrong is not None and "percent" in known_tasks[task].metric:
        message = (
            f"{path} holds {column[wrong]:g} for {wrong} and {task}: expected {known_tasks[task].metric}, from 0 to "
            "100. Another metric is not imported: name the file for a run, with --truth."
        )
        raise ZcBenchError(message)


def _reader(path: Path, only_scores: bool) -> Reader:
    """Choose the reader by the name of a file, and of two kinds of CSV file by how it begins."""
    if not path.is_file():
        message = f"There is no file {path}: give one that is there."
        raise ZcBenchError(message)
    name = path.name.lower()
    if name.endswith(_CSV):
        with path.open("rb") as file:
            begins = file.read(10)
        return (
            readers["darts_csv"]
            if begins == b'"Genotype('
            else partial(own_csv.read, only_scores=only_scores)
        )
    suffix = next((suffix for suffix in _FORMATS if name.endswith(suffix)), None)
    if suffix is None:
        message = (
            f"The form of {path} is unknown: expected a name that ends in "
            f"{', '.join((*_FORMATS, *_CSV))}."
        )
        raise ZcBenchError(message)
    return readers[_FORMATS[suffix]]


def _with_task(rows: Iterator[Row], path: Path, space: str, task: str) -> Iterator[Row]:
    for row in rows:
        if row.task or task:
            yield row if row.task else row._replace(task=task.lower())
        else:
            message = (
                f"{path} does not say which task its numbers are of: say it with --task "
                f"({', '.join(space_registry[space].tasks)})."
            )
            raise ZcBenchError(message)


def _nothing(
    path: Path, space: str, tasks: Sequence[str], gathered: Gathered, only_scores: bool
) -> ZcBenchError:
    what = "published scores" if only_scores else "ground truth or scores"
    others = f"; it names {', '.join(gathered.left_out)}" if gathered.left_out else ""
    if gathered.scores:
        what = "ground truth"
        found = ", ".join(dict.fromkeys(proxy for _, proxy in gathered.scores))
        others = (
            f"; its columns are {found}, and none is called like a task, or metric, accuracy or "
            "val_accuracy"
        )
    return ZcBenchError(
        f"{path} holds no {what} of {space} for {', '.join(tasks)}{others}: give another file, --space or --task."
    )


def _read(path: Path) -> Columns | None:
    if not path.exists():
        return None
    found = compact.read_columns(path)
    if found is None:
        message = (
            f"{path} is damaged, or of another version of zc-bench: remove it and import the files "
            "anew."
        )
        raise ZcBenchError(message)
    return found


def _as_table(space: str, found: Columns, place: str = "") -> Table:
    metrics = {
        task: found.values[task] for task in space_registry[space].tasks if task in found.values
    }
    return Table(space, found.keys, metrics, {**_provenance(found), "licence": "your own"}, place)


def _provenance(found: Columns) -> Facts:
    """Return what a file of imports says about its sources, several in a line."""
    return {name: ", ".join(str(fact).splitlines()) for name, fact in found.facts.items()}


def _joined(path: Path, new: Mapping[str, Mapping[str, float]], facts: Facts) -> Columns:
    """Add columns to those in a file, in the place of those of the same name."""
    old = _read(path) or Columns(Keys.of(()), {}, {})
    kept = {
        name: _column(old.keys, values) for name, values in old.values.items() if name not in new
    }
    keys, values = columns({**kept, **new})
    files, hashes = (str(old.facts.get(fact, "")).splitlines() for fact in ("file", "sha256"))
    sources = dict(zip(files, hashes, strict=True)) | {str(facts["file"]): str(facts["sha256"])}
    return Columns(
        keys, values, {**facts, "file": "\n".join(sources), "sha256": "\n".join(sources.values())}
    )


def _column(keys: Keys, values: NDArray[np.float64]) -> dict[str, float]:
    return {
        key: value for key, value in zip(keys, values.tolist(), strict=True) if not np.isnan(value)
    }


def _tell_truths(space: str, truths: Mapping[str, Mapping[str, float]]) -> None:
    for task, column in truths.items():
        logger.info(
            "Imported the ground truth of %s for %s: %s architectures.",
            space,
            task,
            f"{len(column):,}",
        )


def _tell_scores(space: str, scores: Mapping[tuple[str, str], Mapping[str, float]]) -> None:
    words: dict[str, list[str]] = {}
    for (task, proxy), column in scores.items():
        undefined = sum(map(math.isnan, column.values()))
        not_finite = f", {undefined:,} of them not finite and kept as NaN" if undefined else ""
        words.setdefault(task, []).append(f"{proxy} ({len(column):,}{not_finite})")
    for task, proxies in words.items():
        logger.info("Imported published scores of %s for %s: %s.", space, task, ", ".join(proxies))
