"""The zips of NAS-Bench-Suite-Zero: JSON lists of scores and accuracies, a chunk of architectures per member.

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
from zc_bench.tables.base import Row, readers

_MEMBER = re.compile(r"(?:.*/)?benchmark--\w+--(?P<task>[\w-]+)--\d+\.json")

# What zipfile raises on a damaged archive, depending on where the damage is.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, RuntimeError, ValueError)


def read(path: Path) -> Iterator[Row]:
    """Yield task, architecture and validation accuracy, one member in memory at a time.

    Raises:
        ZcBenchError: if the archive or one of its members is damaged, or an entry is not of the form above.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if match := _MEMBER.fullmatch(name):
                    yield from _rows(path, name, match["task"].lower(), archive.read(name))
    except _DAMAGE as error:
        message = f"{path} is truncated or damaged ({error}): delete it and get it anew."
        raise ZcBenchError(message) from error


def _rows(path: Path, member: str, task: str, text: bytes) -> Iterator[Row]:
    for entry in _parse(path, member, text):
        match entry:
            case {"arch": str(architecture), "val_accuracy": float(accuracy)}:
                yield task, architecture, accuracy
            case _:
                message = (
                    f"{member} in {path} holds {str(entry)[:100]!r}: expected an object with 'arch', a string, "
                    "and 'val_accuracy', a number. Get the file anew."
                )
                raise ZcBenchError(message)


def _parse(path: Path, member: str, text: bytes) -> list[Any]:
    try:
        entries = json.loads(text, parse_int=float)
    except (ValueError, RecursionError) as error:
        message = f"{member} in {path} is not valid JSON ({error}): get the file anew."
        raise ZcBenchError(message) from error
    if not isinstance(entries, list):
        message = f"{member} in {path} holds a {type(entries).__name__}: expected a list. Get the file anew."
        raise ZcBenchError(message)
    return entries


readers.register("suite_zero_zip", read)
