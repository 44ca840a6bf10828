import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zc_bench.tables.protobuf import double, fields


def test_the_examples_of_the_documentation():
    # protobuf.dev, "Encoding": a = 150; b = "testing"; c holds a = 150.
    assert list(fields(bytes.fromhex("089601"))) == [(1, 150)]
    assert list(fields(bytes.fromhex("120774657374696e67"))) == [(2, b"testing")]
    ((number, inner),) = fields(bytes.fromhex("1a03089601"))
    assert number == 3
    assert isinstance(inner, bytes)
    assert list(fields(inner)) == [(1, 150)]


def test_numbers_of_fixed_width():
    message = b"\x21" + struct.pack("<d", 0.9375) + b"\x2d\x01\x02\x03\x04"
    (_, eight), (_, four) = fields(message)
    assert double(eight) == 0.9375
    assert four == b"\x01\x02\x03\x04"
    for value in (four, 3):
        with pytest.raises(ValueError, match="not of eight bytes"):
            double(value)


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (b"\x08", "varint does not end"),
        (b"\x80" * 11, "varint does not end"),
        (b"\x12\x05abc", "field 2 is cut short"),
        (b"\x21abc", "field 4 is cut short"),
        (b"\x0b", "no wire type 3"),
    ],
)
def test_what_is_no_message(message, fault):
    with pytest.raises(ValueError, match=fault):
        list(fields(message))


@given(st.binary(max_size=60))
def test_any_bytes_are_fields_or_a_value_error(message):
    with contextlib.suppress(ValueError):
        assert all(number >= 0 for number, _ in fields(message))
