"""Files: the data folder, and writing a file whole or not at all."""

import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from zc_bench.errors import ZcBenchError, shown

if TYPE_CHECKING:
    import pandas as pd

DATA_VARIABLE = "ZC_BENCH_DATA"


def data_folder() -> Path:
    """Return the folder of downloads and tables: `$ZC_BENCH_DATA`, else the user's cache folder."""
    named = os.environ.get(DATA_VARIABLE)
    return expanded(named) if named else platformdirs.user_cache_path("zc-bench")


def expanded(name: str) -> Path:
    """Return a path that a user named; ~ stands for a home folder.

    Args:
        name: the path.

    Raises:
        ZcBenchError: if there is no such user.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        message = (
            f"The path {shown(name)} begins with ~ and no user's name: write the folder in full."
        )
        raise ZcBenchError(message) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file whole or not at all.

    Args:
        path: the file to write or replace; its folder is created. A link is kept, its target is
            replaced.

    Yields:
        A temporary path in the same folder. At the end of the block it replaces `path`. If the
        block raises, it is removed and `path` stays unchanged.
    """
    path = behind_links(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _flush(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Raises:
        ZcBenchError: if it cannot be written.
    """
    with explaining(path), replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_csv(path: Path, frame: "pd.DataFrame", *, index: bool = False) -> None:
    """Write a table as CSV with six significant digits, whole or not at all.

    Args:
        path: the file to write or replace; its folder is created.
        frame: the table.
        index: whether its index is a column.
    """
    text = frame.to_csv(index=index, float_format="%.6g", lineterminator="\n")
    with replacing(path) as temporary:
        # Bytes, so that the file is the same on every system.
        temporary.write_bytes(text.encode())


@contextmanager
def explaining(what: object) -> Iterator[None]:
    """Turn an error of the operating system in the block into one sentence.

    Args:
        what: the file or the folder that the block writes.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        remedy = "free some space" if full else "choose a folder that can be written to, with --out"
        message = (
            f"Could not write {what} ({error.strerror or error}): {remedy}. Finished trials are "
            "kept."
        )
        raise ZcBenchError(message) from error


def behind_links(path: Path) -> Path:
    """Return what a link leads to, at last; anything else as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def read_regular(path: Path) -> bytes:
    """Read a file whole.

    Args:
        path: the file.

    Raises:
        OSError: if it cannot be read, or is no regular file: a pipe might be waited for without
            end.
    """
    # Does not block on a pipe without a writer.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def sync_folder(path: Path) -> None:
    """Write new and changed names of a folder to the disk, where the system supports it."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _flush(path: Path) -> None:
    """Flush the bytes of a file to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def package_folder(inside: str, checkout: str) -> Path:
    """Find a folder that a wheel holds inside the package, and a checkout elsewhere.

    Args:
        inside: its name in the package.
        checkout: its path in a checkout.
    """
    home = Path(__file__).parents[1]
    return home / inside if (home / inside).is_dir() else home.parent / checkout
