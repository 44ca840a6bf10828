"""Find the public files of ground truth, or name the missing file and its folder."""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from zc_bench._internal.files import data_folder
from zc_bench.errors import ZcBenchError, unknown_name
from zc_bench.spaces import space_registry
from zc_bench.tables.catalogue import TableFile, table_files
from zc_bench.tables.download import download, download_from_drive

logger = logging.getLogger(__name__)


def fetch(space: str, file: str = "", *, folder: Path | None = None) -> Path:
    """Make sure that a public file of ground truth is in the data folder.

    Args:
        space: the search space.
        file: which of its files; unless named, one that is here, or the best available one.
        folder: the data folder, unless it is the usual one.

    Returns:
        The path of the file.

    Raises:
        ZcBenchError: if none is available; the message names the file and its folder.
    """
    folder = data_folder() if folder is None else folder
    known = {
        entry.file: entry
        for entry in table_files()
        if space_registry[space].name in entry.spaces and entry.downloadable
    }
    if file and file not in known:
        kind = f"file for {space}"
        raise unknown_name(kind, file, known)
    entries = [known[file]] if file else list(known.values())
    for entry in entries:
        if path := entry.find(folder):
            logger.info("%s is here already: `zc-bench data verify` hashes it.", path)
            return path
    for entry in entries:
        if _download_entry(entry, folder):
            return folder / entry.file
    message = (
        f"No ground truth for {space} could be downloaded: {requested(entries, folder)}."
        if entries
        else f"No public file holds ground truth for {space}: choose another space, or import a file of your own."
    )
    raise ZcBenchError(message)


def _download_entry(entry: TableFile, folder: Path) -> bool:
    """Download a file from the first of its addresses that produces it; log why one does not."""
    path = folder / entry.file
    if entry.gdown:
        return _attempt(entry.url, lambda: download_from_drive(entry.gdown, entry.sha256, path))
    return any(
        _attempt(url, partial(download, url, entry.sha256, path))
        for url in (entry.url, *entry.mirrors)
    )


def _attempt(url: str, get: Callable[[], None]) -> bool:
    try:
        get()
    except ZcBenchError as error:
        logger.warning("Could not download %s: %s.", url, error)
        return False
    return True


def requested(entries: Iterable[TableFile], folder: Path) -> str:
    """Name the files that are needed, their addresses and their folder."""
    names = " or ".join(f"{entry.file} ({entry.url})" for entry in entries)
    return f"provide {names}, in {folder}"
