"""The TFRecord format: records of bytes, each with its length and two checksums, one after the other.

A record is the length (uint64), the masked CRC-32C of these eight bytes (uint32), the data, and the
masked CRC-32C of the data (uint32), all little-endian (tensorflow.org, "TFRecord and
tf.train.Example").
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from zc_bench.errors import ZcBenchError

_HEADER = struct.Struct("<QI")
_CHECKSUM = struct.Struct("<I")


def records(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield every record with the offset at which it begins, one in memory at a time.

    Raises:
        ZcBenchError: if a record is damaged or cut short; the message names its offset.
    """
    offset = 0
    with path.open("rb") as file:
        while header := file.read(_HEADER.size):
            data = _read_data(path, offset, file, header)
            yield offset, data
            offset += _HEADER.size + len(data) + _CHECKSUM.size


def _read_data(path: Path, offset: int, file: BinaryIO, header: bytes) -> bytes:
    # Imported here: compiled loops take a while to load, and few commands read a TFRecord.
    from zc_bench.tables.crc32c import masked_crc32c

    if len(header) < _HEADER.size:
        raise damaged(path, offset, "is cut short")
    length, checksum = _HEADER.unpack(header)
    # First, so that no damaged length has us ask for as much memory.
    if masked_crc32c(header[:8]) != checksum:
        raise damaged(path, offset, "has a length that does not match its checksum")
    # A length may match its checksum and be larger than the file, or than the memory.
    left = os.fstat(file.fileno()).st_size - file.tell()
    rest = file.read(min(length + _CHECKSUM.size, left))
    if len(rest) < length + _CHECKSUM.size:
        raise damaged(path, offset, "is cut short")
    data = rest[:length]
    if masked_crc32c(data) != _CHECKSUM.unpack(rest[length:])[0]:
        raise damaged(path, offset, "does not match its checksum")
    return data


def damaged(path: Path, offset: int, what: str) -> ZcBenchError:
    """Return an error that names a record."""
    return ZcBenchError(f"{path}: the record at byte {offset:,} {what}. Get the file anew.")
