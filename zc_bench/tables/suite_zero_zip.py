"""The zips of NAS-Bench-Suite-Zero.

JSON lists of scores and accuracies, a chunk of architectures per member.

A member is called `benchmark--<space>--<task>--<start>.json` and lists
`{"idx": ..., "arch": "(4, 0, 3, 1, 4, 3)", "zen": {...}, "val_accuracy": ...}`.
"""

import json
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zc_bench.errors import ZcBenchError
from zc_bench.tables.rows import Row, readers
from zc_bench.tables.suite_zero import SPACES, numbers, reduced

_MEMBER = re.compile(r"(?:.*/)?benchmark--(?P<space>\w+)--(?P<task>[\w-]+)--\d+\.json")

_LARGEST = 1 << 28  # bytes of a member; the largest of three archives has 148,029

# What zipfile raises on a damaged archive, depending on where the damage is.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
)


def read(path: Path) -> Iterator[Row]:
    """Yield what the archive says about every task and architecture, one member in memory at a time.

    Raises:
        ZcBenchError: if the archive or one of its members is damaged, or an entry is not of the
            form above.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if match := _MEMBER.fullmatch(name):
                    _expect_room(name, archive.getinfo(name).file_size)
                    space = SPACES.get(match["space"], match["space"])
                    for architecture, found in _entries(path, name, archive.read(name)):
                        yield Row(match["task"].lower(), architecture, *found, space=space)
    except _DAMAGE as error:
        message = f"{path} is truncated or damaged ({error}): delete it and get it anew."
        raise ZcBenchError(message) from error


def _expect_room(member: str, size: int) -> None:
    if size > _LARGEST:
        message = f"{member} has {size:,} bytes unpacked, expected {_LARGEST:,} at most"
        raise ValueError(message)


def _entries(
    path: Path, member: str, text: bytes
) -> Iterator[tuple[str, tuple[float, dict[str, float]]]]:
    for entry in _parse(path, member, text):
        found = numbers(entry)
        if found is None or not isinstance(entry.get("arch"), str):
            message = (
                f"{member} in {path} holds {str(entry)[:100]!r}: expected an object with 'arch', a string, "
                "and 'val_accuracy', a number, or proxies with a 'score'. Get the file anew."
            )
            raise ZcBenchError(message)
        yield entry["arch"], found


def _parse(path: Path, member: str, text: bytes) -> list[Any]:
    try:
        entries = json.loads(text, parse_int=float, object_hook=reduced)
    except (ValueError, RecursionError) as error:
        message = f"{member} in {path} is not valid JSON ({error}): get the file anew."
        raise ZcBenchError(message) from error
    if not isinstance(entries, list):
        message = (
            f"{member} in {path} holds a {type(entries).__name__}: expected a list. Get the file "
            "anew."
        )
        raise ZcBenchError(message)
    return entries


readers.register("suite_zero_zip", read)
