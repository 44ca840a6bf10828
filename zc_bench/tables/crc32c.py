"""CRC-32C (Castagnoli), as TFRecords use it (RFC 3720, appendix B.4), eight bytes at a time with eight tables."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zc_bench._compiled import compiled

_POLYNOMIAL = 0x82F63B78  # 0x1EDC6F41, its bits reversed
_MASK = 0xA282EAD8


def crc32c(data: bytes) -> int:
    """Return the checksum of some bytes."""
    return int(_update(np.frombuffer(data, np.uint8), _TABLES))


def masked_crc32c(data: bytes) -> int:
    """Return the checksum as TFRecords store it: rotated right by 15 bits, plus a constant.

    So the checksum of data that holds checksums is no checksum of it.
    """
    checksum = crc32c(data)
    return ((checksum >> 15 | checksum << 17) + _MASK) & 0xFFFFFFFF


def _tables() -> NDArray[np.uint32]:
    """Return the remainders (8, 256): table i is for a byte that i further bytes follow."""
    remainders = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        remainders = np.where(
            remainders & 1, remainders >> 1 ^ np.uint32(_POLYNOMIAL), remainders >> 1
        )
    tables = [remainders]
    for _ in range(7):
        tables.append(remainders[tables[-1] & 0xFF] ^ tables[-1] >> 8)
    return np.array(tables, np.uint32)


@compiled()
def _update(data: Any, tables: Any) -> Any:
    crc = np.uint32(0xFFFFFFFF)
    whole = len(data) // 8 * 8
    for i in range(0, whole, 8):
        crc ^= (
            np.uint32(data[i])
            | np.uint32(data[i + 1]) << np.uint32(8)
            | np.uint32(data[i + 2]) << np.uint32(16)
            | np.uint32(data[i + 3]) << np.uint32(24)
        )
        crc = (
            tables[7, crc & np.uint32(0xFF)]
            ^ tables[6, (crc >> np.uint32(8)) & np.uint32(0xFF)]
            ^ tables[5, (crc >> np.uint32(16)) & np.uint32(0xFF)]
            ^ tables[4, crc >> np.uint32(24)]
            ^ tables[3, data[i + 4]]
            ^ tables[2, data[i + 5]]
            ^ tables[1, data[i + 6]]
            ^ tables[0, data[i + 7]]
        )
    for i in range(whole, len(data)):
        crc = tables[0, (crc ^ np.uint32(data[i])) & np.uint32(0xFF)] ^ (crc >> np.uint32(8))
    return crc ^ np.uint32(0xFFFFFFFF)


_TABLES = _tables()
