"""Keep an old store under another name."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

from zc_bench.errors import ZcBenchError
from zc_bench.store import hdf5
from zc_bench.store.journal import journal_path
from zc_bench.store.reading import read_store


def backup(path: Path) -> None:
    """Keep a store under the name `<stem>.previous.h5`, or `<stem>.previous-2.h5`, .

    If there is one.

    Args:
        path: the store; it may be damaged, or a journal that lost its store, or absent.

    Raises:
        OSError: if it cannot be renamed.
    """
    beside = journal_path(path)
    if path.exists() and beside.exists():
        # In one file, so that it is moved at once.
        with suppress(ZcBenchError):
            hdf5.write(path, read_store(path))
            beside.unlink()
    previous = free_name(path)
    for old, new in ((path, previous), (beside, journal_path(previous))):
        if old.exists():
            old.replace(new)


def free_name(path: Path) -> Path:
    """Return the first of the names for an old store that is free.

    Args:
        path: the store.
    """
    return next(
        name for name in _names(path) if not name.exists() and not journal_path(name).exists()
    )


def _names(path: Path) -> Iterator[Path]:
    for number in count(1):
        yield path.with_name(
            f"{path.stem}.previous{f'-{number}' if number > 1 else ''}{path.suffix}"
        )


def copied(path: Path, folder: Path) -> Path:
    """Copy a store with its journal, also while somebody writes to it.

    Args:
        path: the store, which may be absent.
        folder: where to; it is created.

    Returns:
        The path of the copy, or of no file where there is no store.
    """
    copy = folder / path.name
    folder.mkdir(parents=True, exist_ok=True)
    if path.exists():
        hdf5.write(copy, read_store(path))
    return copy
