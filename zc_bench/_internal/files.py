"""Files: where data lies, and how a file is written whole or not at all."""

import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs

from zc_bench.errors import ZcBenchError

DATA_VARIABLE = "ZC_BENCH_DATA"


def data_folder() -> Path:
    """Return the folder of downloads and tables: `$ZC_BENCH_DATA`, or else the user's cache folder."""
    named = os.environ.get(DATA_VARIABLE)
    return Path(named).expanduser() if named else platformdirs.user_cache_path("zc-bench")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file whole or not at all.

    Args:
        path: the file to write or replace; its folder is made. A link stays one: what it leads to is replaced.

    Yields:
        A temporary name in the same folder. When the block ends it takes the place of `path`; if the block raises, it
        is removed and `path` stays as it was.
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


@contextmanager
def explaining(what: object) -> Iterator[None]:
    """Say in a sentence what the operating system refused while the block wrote.

    Args:
        what: the file or the folder that the block writes.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        remedy = "free some space" if full else "choose a folder that can be written to, with --out"
        message = f"Could not write {what} ({error.strerror or error}): {remedy}. Finished trials are kept."
        raise ZcBenchError(message) from error


def behind_links(path: Path) -> Path:
    """Return what a link leads to, at last; anything else as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def read_regular(path: Path) -> bytes:
    """Read a file whole.

    Args:
        path: the file.

    Raises:
        OSError: if it cannot be read, or is no regular file: a pipe might be waited for without end.
    """
    # Without waiting for somebody who writes to a pipe.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def sync_folder(path: Path) -> None:
    """Make new and changed names in a folder reach the disk, where the system knows how."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _flush(path: Path) -> None:
    """Make the bytes of a file reach the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def package_folder(inside: str, checkout: str) -> Path:
    """Find a folder that a wheel carries inside the package, and a checkout has elsewhere.

    Args:
        inside: its name in the package.
        checkout: its path in a checkout.
    """
    home = Path(__file__).parent
    return home / inside if (home / inside).is_dir() else home.parent / checkout
