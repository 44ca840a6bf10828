"""Ground truth and published scores from files of the user's own, in compact form in the data folder.

Unlike the compact table of a public file, what was imported is no cache: it stays until the user removes it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zc_bench._internal.files import data_folder, explaining, sha256
from zc_bench._internal.saying import Say, quietly
from zc_bench.errors import ZcBenchError, unknown_name
from zc_bench.spaces import space_registry
from zc_bench.tables import compact, own_csv
from zc_bench.tables.base import Table
from zc_bench.tables.compact import Columns, Facts
from zc_bench.tables.rows import Gathered, Reader, Row, columns, gather, readers
from zc_bench.tables.string_index import Keys

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
        scores: per task and proxy, float64 (n,); NaN where none was published, or one that is not finite.
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
    say: Say = quietly,
) -> None:
    """Import ground truth, and published scores if there are any, from a file of the user's own.

    What was imported before stays; where both have a task (or a proxy on a task), the new file takes the place.

    Args:
        path: a zip or JSON of NAS-Bench-Suite-Zero, NAS-Bench-101's TFRecord, the DARTS file of SWAP's authors, or a
            CSV file as `own_csv` describes.
        space: the search space.
        task: the task, where the file does not say it; of a file that does, only this task is imported.
        only_scores: whether to leave ground truth alone.
        folder: the data folder, unless it is the usual one.
        say: called with one sentence at a time: what was imported, what was left out.

    Raises:
        ZcBenchError: if the file is damaged, of an unknown form, or holds nothing for the space and task.
    """
    folder = data_folder() if folder is None else folder
    tasks = _tasks(space, task)
    rows = _with_task(_reader(path, only_scores)(path), path, space, task)
    gathered = gather(space, tasks, rows, lambda what: ZcBenchError(f"{path}: {what}"))
    truths = (
        {} if only_scores else {name: column for name, column in gathered.truths.items() if column}
    )
    if not truths and not gathered.scores:
        raise _nothing(path, space, tasks, gathered, only_scores)
    for names, count in gathered.left_out.items():
        say(f"Left out: {count:,} rows of {names or 'no task'}.")
    facts: dict[str, str | int] = {
        "source": "imported by the user",
        "file": str(path),
        "sha256": sha256(path),
    }
    with explaining(folder):
        if truths:
            _merge(truth_path(folder, space), truths, facts)
            _tell_truths(space, truths, say)
        if gathered.scores:
            named = {f"{name}/{proxy}": column for (name, proxy), column in gathered.scores.items()}
            _merge(scores_path(folder, space), named, facts)
            _tell_scores(space, gathered.scores, say)


def load_truth(space: str, folder: Path) -> Table | None:
    """Load the ground truth that was imported for a space.

    Returns:
        The table, with the tasks in the order of the space; None if nothing was imported.

    Raises:
        ZcBenchError: if what was imported is damaged.
    """
    found = _read(truth_path(folder, space))
    if found is None:
        return None
    metrics = {
        task: found.values[task] for task in space_registry[space].tasks if task in found.values
    }
    return Table(space, found.keys, metrics, _provenance(found))


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
    return folder / f"{space}.imported.h5"


def scores_path(folder: Path, space: str) -> Path:
    """Name the file of imported scores."""
    return folder / f"{space}.scores.h5"


def _tasks(space: str, task: str) -> tuple[str, ...]:
    known = space_registry[space].tasks
    if not task:
        return known
    if task.lower() not in known:
        kind = f"task of {space}"
        raise unknown_name(kind, task, known)
    return (task.lower(),)


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
        message = f"The form of {path} is unknown: expected a name that ends in {', '.join((*_FORMATS, *_CSV))}."
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
    return ZcBenchError(
        f"{path} holds no {what} of {space} for {', '.join(tasks)}{others}: give another file, --space or --task."
    )


def _read(path: Path) -> Columns | None:
    if not path.exists():
        return None
    found = compact.read_columns(path)
    if found is None or found.facts.get("format") != compact.FORMAT:
        message = f"{path} is damaged, or of another version of zc-bench: remove it and import the files anew."
        raise ZcBenchError(message)
    return found


def _provenance(found: Columns) -> Facts:
    """Return what a file of imports says about its sources, several in a line."""
    facts = {name: fact for name, fact in found.facts.items() if name != "format"}
    return {
        name: ", ".join(fact.splitlines()) if isinstance(fact, str) else fact
        for name, fact in facts.items()
    }


def _merge(path: Path, new: Mapping[str, Mapping[str, float]], facts: Facts) -> None:
    """Add columns to those in a file, in the place of those of the same name."""
    old = _read(path) or Columns(Keys.of(()), {}, {})
    kept = {
        name: _column(old.keys, values) for name, values in old.values.items() if name not in new
    }
    keys, values = columns({**kept, **new})
    files, hashes = (str(old.facts.get(fact, "")).splitlines() for fact in ("file", "sha256"))
    sources = dict(zip(files, hashes, strict=True)) | {str(facts["file"]): str(facts["sha256"])}
    joined: Facts = {
        "file": "\n".join(sources),
        "sha256": "\n".join(sources.values()),
        "format": compact.FORMAT,
    }
    compact.write_columns(path, Columns(keys, values, {**facts, **joined}))


def _column(keys: Keys, values: NDArray[np.float64]) -> dict[str, float]:
    return {
        key: value for key, value in zip(keys, values.tolist(), strict=True) if not np.isnan(value)
    }


def _tell_truths(space: str, truths: Mapping[str, Mapping[str, float]], say: Say) -> None:
    for task, column in truths.items():
        say(f"Imported the ground truth of {space} for {task}: {len(column):,} architectures.")


def _tell_scores(
    space: str, scores: Mapping[tuple[str, str], Mapping[str, float]], say: Say
) -> None:
    words: dict[str, list[str]] = {}
    for (task, proxy), column in scores.items():
        undefined = sum(map(math.isnan, column.values()))
        not_finite = f", {undefined:,} of them not finite and kept as NaN" if undefined else ""
        words.setdefault(task, []).append(f"{proxy} ({len(column):,}{not_finite})")
    for task, proxies in words.items():
        say(f"Imported published scores of {space} for {task}: {', '.join(proxies)}.")
