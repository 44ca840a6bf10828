"""The wire format of Protocol Buffers, as much as reading needs (protobuf.dev, "Encoding").

A message is a sequence of fields: a varint of the field's number and wire type, then a varint,
eight bytes, a length and as many bytes, or four bytes.
"""

import struct
from collections.abc import Iterator

_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the number and the value of every field, in their order.

    Args:
        message: an encoded message.

    Yields:
        The value is an int of a varint, the bytes of everything else.

    Raises:
        ValueError: if the bytes are no message.
    """
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == _VARINT:
            value, place = _varint(message, place)
            yield number, value
            continue
        length, place = _length(wire_type, message, place)
        if place + length > len(message):
            message_end = f"field {number} is cut short"
            raise ValueError(message_end)
        yield number, message[place : place + length]
        place += length


def double(value: int | bytes) -> float:
    """Read the value of a field of the type `double`.

    Raises:
        ValueError: if it is of another type.
    """
    if not isinstance(value, bytes) or len(value) != 8:
        message = "a number is not of eight bytes"
        raise ValueError(message)
    number: float = struct.unpack("<d", value)[0]
    return number


def _length(wire_type: int, message: bytes, place: int) -> tuple[int, int]:
    if wire_type == _BYTES:
        return _varint(message, place)
    lengths = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}
    if wire_type not in lengths:
        unknown = f"there is no wire type {wire_type}"
        raise ValueError(unknown)
    return lengths[wire_type], place


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """Read seven bits per byte, the lowest first, until a byte without its highest bit.

    At most ten.
    """
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            break
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    wrong = "a varint does not end"
    raise ValueError(wrong)
