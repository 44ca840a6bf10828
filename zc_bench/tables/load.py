"""Find the ground truth of a space.

It is a file of the user, a public file in the data folder, or a table shipped with the package.
"""

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from zc_bench._internal.files import data_folder, expanded, sha256
from zc_bench.errors import ZcBenchError, unknown_name
from zc_bench.spaces import space_registry
from zc_bench.tables import compact, imported
from zc_bench.tables.base import Table, as_table, tabulate
from zc_bench.tables.catalogue import COMES_WITH, TableFile, known_truths, table_files
from zc_bench.tables.compact import Columns
from zc_bench.tables.public import requested
from zc_bench.tables.rows import readers

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TableDescription:
    """One line of the list of tables.

    Attributes:
        space: the search space.
        source: who published it.
        file: the name of the file.
        tasks: the tasks that it holds.
        rows: the number of architectures, or None where that is not known.
        licence: its licence.
        url: where it is published.
        place: its path, or that its numbers come with the package; empty if it is not here.
    """

    space: str
    source: str
    file: str
    tasks: tuple[str, ...]
    rows: int | None
    licence: str
    url: str
    place: str


def describe_tables() -> list[TableDescription]:
    """Return every source of ground truth that is known, best first within a space."""
    folder = data_folder()
    return [
        TableDescription(
            entry.space,
            entry.source,
            entry.file,
            entry.tasks,
            entry.rows,
            entry.licence,
            entry.url,
            entry.place(folder),
        )
        for entry in table_files()
    ]


def load_table(space: str, truth: str = "", *, task: str = "", folder: Path | None = None) -> Table:
    """Load the ground truth of a space.

    What the user imported comes first, then a file in the data folder, then what comes with the
    package. Nothing is downloaded.
    A file is parsed once.
    A compact table next to it (or, where that folder cannot be written to, in the user's cache
    folder) serves from then on.

    Args:
        space: the search space.
        truth: the task's own metric unless given; another metric, by name (see `zc-bench list
            tables`); "analog", a second training of all of nb201, which the package analog-nasbench
            holds; or a file of the user.
        task: the task of a file of the user that does not name it.
        folder: where files are looked for; the data folder unless given.

    Returns:
        The table; its provenance names the source, which is logged, too.

    Raises:
        ZcBenchError: if the space or the metric is unknown, no source is available, or the one found
            is not the published file.

    Examples:
        >>> table = load_table("nb201")
        >>> table.tasks
        ('cifar10', 'cifar100', 'imagenet16-120')
        >>> round(float(table["cifar10"].max()), 2)
        91.57
        >>> latency = load_table("nb201", "raspi4_latency")["cifar10"]  # ms
        >>> round(float(latency["(4, 0, 3, 1, 4, 3)"]), 2)
        12.93
    """
    table = _find(
        space_registry[space].name, truth, task, data_folder() if folder is None else folder
    )
    logger.info(table.describe())
    return table


def _find(space: str, truth: str, task: str, folder: Path) -> Table:
    known = known_truths(space)
    if truth and truth not in known:
        return imported.read_truth(_own_file(space, truth, known), space, task)
    if not truth and (table := imported.load_truth(space, folder)):
        return table
    entries = [entry for entry in table_files() if space in entry.spaces and truth in entry.truths]
    for entry in entries:
        if path := entry.find(folder):
            found = _read(entry, path, folder)
            return replace(as_table(entry, found, truth, str(path)), space=space)
    for entry in entries:
        if entry.shipped.is_file():
            found = _read_shipped(entry.shipped)
            return replace(as_table(entry, found, truth, COMES_WITH), space=space)
    raise _absent(space, truth, folder, entries)


def _own_file(space: str, truth: str, known: Iterable[str]) -> Path:
    path = expanded(truth)
    if path.is_file():
        return path
    if os.sep in truth or path.suffix in (".csv", ".gz", ".json", ".zip", ".tfrecord"):
        message = (
            f"There is no file {truth}: give one that is there, or a metric that `zc-bench list "
            "tables` names."
        )
        raise ZcBenchError(message)
    kind = f"truth of {space}"
    raise unknown_name(kind, truth, known)


def _absent(space: str, truth: str, folder: Path, entries: Sequence[TableFile]) -> ZcBenchError:
    packages = [entry.truth for entry in entries if entry.package]
    if packages:
        return ZcBenchError(
            f"The package that holds {truth!r} is not installed: pip install 'zc-bench[{packages[0]}]'."
        )
    remedy = (
        f"{requested(entries, folder)} (`zc-bench data fetch {space}`)"
        if entries
        else "choose another space"
    )
    return ZcBenchError(
        f"There is no ground truth for {space}: none comes with zc-bench, and no known file is in {folder}; "
        f"{remedy}, or name a file of your own (--truth)."
    )


def _read_shipped(path: Path) -> Columns:
    found = compact.read_columns(path)
    if found is None:
        message = f"{path}, which comes with zc-bench, is damaged: install zc-bench anew."
        raise ZcBenchError(message)
    return found


def _read(entry: TableFile, raw: Path, folder: Path) -> Columns:
    """Read the compact table of a raw file, or parse the raw file and leave a compact table."""
    stamp = compact.stamp(raw)
    homes = [
        home / f"{entry.name}{compact.SUFFIX}"
        for home in (folder, platformdirs.user_cache_path("zc-bench"))
    ]
    for path in homes:
        if found := compact.read(path, entry.provenance(), stamp):
            return found
    found = parse(entry, raw)
    for path in homes:
        try:
            compact.write_columns(path, replace(found, facts={**found.facts, **stamp}))
        except OSError:
            continue
        return found
    logger.info(
        "Neither %s nor %s can be written to, so %s is parsed anew each time.",
        homes[0].parent,
        homes[1].parent,
        raw,
    )
    return found


def parse(entry: TableFile, raw: Path) -> Columns:
    """Read a public file in the form in which it was published.

    Args:
        entry: what the catalogue says about it.
        raw: the file.

    Raises:
        ZcBenchError: if it is not the published file.
    """
    return tabulate(replace(entry, sha256=_verify(entry, raw)), readers[entry.format](raw))


def _verify(entry: TableFile, raw: Path) -> str:
    """Return the hash of a file.

    Refuse one that is not the published one, byte for byte, where its hash is known.
    """
    try:
        actual = sha256(raw)
    except OSError as error:
        message = f"{raw} cannot be read ({error.strerror}): make it readable, or move it away."
        raise ZcBenchError(message) from error
    if entry.sha256 not in ("", actual):
        message = (
            f"{raw} has SHA-256 {actual}, expected {entry.sha256}: it is damaged or another file of that name; "
            f"move it away and get it anew from {entry.url}."
        )
        raise ZcBenchError(message)
    return actual
