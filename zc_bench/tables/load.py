"""Find the ground truth of a space: imported, in the data folder, on the network or in an installed package."""

from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from zc_bench._internal.files import data_folder, sha256
from zc_bench._internal.saying import Say, quietly
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.tables import compact, imported
from zc_bench.tables.base import Table, tabulate
from zc_bench.tables.catalogue import TableFile, table_files
from zc_bench.tables.public import download_entry, requested
from zc_bench.tables.rows import readers

# What a run downloads without having been told to.
_UNASKED_MEGABYTES = 100


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
        present: whether it is in the data folder or an installed package.
    """

    space: str
    source: str
    file: str
    tasks: tuple[str, ...]
    rows: int | None
    licence: str
    url: str
    present: bool


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
            present=entry.find(folder) is not None,
        )
        for entry in table_files()
    ]


def load_table(
    space: str, *, folder: Path | None = None, offline: bool = False, say: Say = quietly
) -> Table:
    """Load the ground truth of a space.

    What the user imported comes first, then a file in the data folder, then a download into it, then what an installed
    package carries. A file is parsed once; a compact table next to it (or, where that folder cannot be written to, in
    the user's cache folder) serves from then on.

    Args:
        space: the search space.
        folder: where files are looked for and downloaded to; the data folder unless given.
        offline: whether to leave the network alone.
        say: called with one sentence at a time: which source was used, what could not be had.

    Returns:
        The table; its provenance names the source.

    Raises:
        ZcBenchError: if the space is unknown, no source is at hand, or the one found is not the published file.
    """
    folder = data_folder() if folder is None else folder
    if table := imported.load_truth(space_registry[space].name, folder):
        say(
            f"Ground truth of {space}: what you imported from {table.provenance['file']}; {', '.join(table.tasks)}; "
            f"{len(table.keys):,} architectures. It comes before every other source: remove "
            f"{imported.truth_path(folder, space)} to use those."
        )
        return table
    entry, raw = _find(space, folder, offline, say)
    table = _read(entry, raw, folder, say)
    epochs = f" after {entry.epochs} epochs" if isinstance(entry.epochs, int) else ""
    say(
        f"Ground truth of {space}: {raw} from {entry.source}; {', '.join(table.tasks)}; "
        f"{len(table.keys):,} architectures; split: {entry.split}{epochs}; licence: {entry.licence}."
    )
    return table


def _find(space: str, folder: Path, offline: bool, say: Say) -> tuple[TableFile, Path]:
    """Choose the source, best first; download it if that is what it takes."""
    known = [entry for entry in table_files() if entry.space == space]
    public = [entry for entry in known if not entry.package]
    carried = [entry for entry in known if entry.package]
    for entry in public:
        if path := entry.find(folder):
            return entry, path
    for entry in public:
        if not offline and _fetch(entry, folder, say):
            return entry, folder / entry.file
    for entry in carried:
        if path := entry.find(folder):
            return entry, path
    message = (
        f"There is no ground truth for {space}: no known file is in {folder}, "
        f"{'downloads are off' if offline else 'none could be downloaded'} and no installed package carries one; "
        f"{requested(known, folder) if known else 'choose another space'}."
    )
    raise ZcBenchError(message)


def _fetch(entry: TableFile, folder: Path, say: Say) -> bool:
    if (entry.megabytes or 0) > _UNASKED_MEGABYTES:
        say(
            f"{entry.file} is {entry.megabytes} MB: to have it, type `zc-bench data fetch {entry.space}`."
        )
        return False
    return download_entry(entry, folder, say)


def _read(entry: TableFile, raw: Path, folder: Path, say: Say) -> Table:
    """Read the compact table of a raw file, or parse the raw file and leave a compact table."""
    stamp = compact.stamp(raw)
    homes = [
        home / f"{entry.name}.table.h5"
        for home in (folder, platformdirs.user_cache_path("zc-bench"))
    ]
    for path in homes:
        if table := compact.read(path, entry.space, entry.tasks, entry.provenance(), stamp):
            return table
    table = tabulate(replace(entry, sha256=_verify(entry, raw)), readers[entry.format](raw))
    for path in homes:
        try:
            compact.write(path, table, stamp)
        except OSError:
            continue
        return table
    say(
        f"Neither {homes[0].parent} nor {homes[1].parent} can be written to, so {raw} is parsed anew each time."
    )
    return table


def _verify(entry: TableFile, raw: Path) -> str:
    """Return the hash of a file; refuse one that is not the published one, byte for byte, where its hash is known."""
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
