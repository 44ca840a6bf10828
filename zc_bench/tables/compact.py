"""The compact form of a table: gzipped text with a digest.

    zc-bench table 3 sha256 <digest of the bytes that follow this line>
    {"architectures": 15625, "columns": ["cifar10", ...], "facts": {"source": ..., "licence": ...}}
    <a canonical key per line, sorted>
    <a line per column: a number per key, `nan` where there is none>
    <of large tables: the hashes of the keys, uint64, little-endian, in hexadecimal>

The same content produces the same bytes on a machine; another build of zlib may compress otherwise.
A file is read whole, and nothing of it is used unless the digest agrees.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zc_bench._internal.files import replacing
from zc_bench.tables.string_index import Keys

# The version of the form. Raised whenever older compact files must be made anew.
FORMAT = 3
SUFFIX = ".table.gz"

# Sources in words and figures, flat.
Facts = Mapping[str, str | int]

_FIRST_LINE = re.compile(rb"zc-bench table (\d+) sha256 ([0-9a-f]{64})\n")
_GZIP = 31  # zlib's word for the form of gzip, without a time in its header
_LEVEL = 6
_MANY = 50_000  # keys from which on hashing them takes longer than reading their hashes


@dataclass(frozen=True, eq=False)
class Columns:
    """What a compact file holds.

    Attributes:
        keys: canonical keys, sorted (n,).
        values: by name, float64 (n,); names are "task", "metric/task" or "task/proxy".
        facts: where the numbers come from.
    """

    keys: Keys
    values: Mapping[str, NDArray[np.float64]]
    facts: Facts


def stamp(raw: Path) -> dict[str, int]:
    """Return what a compact table remembers of its raw file, so that it is not hashed each time."""
    status = raw.stat()
    return {"raw_size": status.st_size, "raw_mtime_ns": status.st_mtime_ns}


def read(path: Path, provenance: Facts, stamped: Facts) -> Columns | None:
    """Read the cache of a raw file.

    Args:
        path: the compact file.
        provenance: what it must have recorded about its source; a hash only where one is named.
        stamped: what it must have recorded about its raw file.

    Returns:
        The columns without the stamp, or None if the file is absent, stale or damaged.
    """
    found = read_columns(path)
    if found is None:
        return None
    provenance = {"sha256": found.facts.get("sha256", ""), **provenance}
    return (
        None
        if found.facts != {**provenance, **stamped}
        else Columns(found.keys, found.values, provenance)
    )


def write_columns(path: Path, columns: Columns) -> None:
    """Write columns, whole or not at all.

    Raises:
        OSError: if the folder cannot be written to.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(pack(columns))


def read_columns(path: Path) -> Columns | None:
    """Read columns; None if the file is absent, damaged or of another version."""
    try:
        return unpack(path.read_bytes())
    except (OSError, ValueError):
        return None


def pack(columns: Columns) -> bytes:
    """Return the bytes of a compact file: the same for the same columns."""
    text = content(columns)
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(_first_line(text) + text) + packer.flush()


def content(columns: Columns) -> bytes:
    """Return the text of a compact file, without its first line."""
    head = {
        "architectures": len(columns.keys),
        "columns": [*columns.values],
        "facts": dict(columns.facts),
    }
    numbers = (" ".join(map(repr, values.tolist())) for values in columns.values.values())
    hashes = (
        [columns.keys.hashes.astype("<u8").tobytes().hex().encode()]
        if len(columns.keys) >= _MANY
        else []
    )
    return b"\n".join(
        [
            json.dumps(head, sort_keys=True, ensure_ascii=False).encode(),
            *columns.keys.encoded.tolist(),
            *(line.encode() for line in numbers),
            *hashes,
        ]
    )


def unpack(data: bytes) -> Columns:
    """Read the bytes of a compact file.

    Raises:
        ValueError: if they are damaged or of another version.
    """
    text = _unzipped(data)
    first = _FIRST_LINE.match(text)
    if first is None or int(first[1]) != FORMAT:
        message = f"it is no table of version {FORMAT}"
        raise ValueError(message)
    if _digest(memoryview(text)[first.end() :]) != first[2]:
        message = "its content does not match its digest"
        raise ValueError(message)
    try:
        return _columns(text.split(b"\n")[1:])
    except (KeyError, TypeError) as error:
        message = "its second line is of another form"
        raise ValueError(message) from error


def _columns(lines: list[bytes]) -> Columns:
    head = json.loads(lines[0])
    count, names = head["architectures"], head["columns"]
    keys = np.array(lines[1 : 1 + count], np.bytes_ if count else "S1")
    values = {
        name: np.array(line.split(), np.float64)
        for name, line in zip(names, lines[1 + count : 1 + count + len(names)], strict=True)
    }
    rest = lines[1 + count + len(names) :]
    hashes = (
        np.frombuffer(bytes.fromhex(rest[0].decode()), "<u8").astype(np.uint64) if rest else None
    )
    if len(rest) != (count >= _MANY) or any(
        len(column) != count for column in (keys, *values.values())
    ):
        message = "it has another number of lines or numbers than it says"
        raise ValueError(message)
    return Columns(Keys(keys, hashes), values, head["facts"])


def _unzipped(data: bytes) -> bytes:
    """Decompress a gzip file, up to the size that it declares."""
    # The last four bytes of a gzip file are the length of its content.
    length = int.from_bytes(data[-4:], "little")
    unzip = zlib.decompressobj(_GZIP)
    try:
        text = unzip.decompress(data, length + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unzip.eof or unzip.unused_data:
        message = "it is cut short, or something follows its end"
        raise ValueError(message)
    return text


def _first_line(text: bytes) -> bytes:
    return b"zc-bench table %d sha256 %s\n" % (FORMAT, _digest(text))


def _digest(text: bytes | memoryview) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()
