"""Against the examples of RFC 3720, a twin bit by bit, and Google's library."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.crc32c import crc32c as twin
from zc_bench.tables.crc32c import crc32c, masked_crc32c


@pytest.mark.parametrize(
    ("data", "checksum"),
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(reversed(range(32))), 0x113FDB5C),
        (b"123456789", 0xE3069283),
        (b"", 0),
    ],
)
def test_the_examples_of_rfc_3720(data, checksum):
    assert crc32c(data) == twin(data) == checksum


@given(st.binary(max_size=100))
def test_equals_its_twin(data):
    assert crc32c(data) == twin(data)


@given(st.binary(max_size=1000))
def test_equals_googles(data):
    google = pytest.importorskip(
        "google_crc32c", reason="an independent library, pip install google-crc32c"
    )
    assert crc32c(data) == google.value(data)


def test_masking_rotates_and_adds():
    assert masked_crc32c((24).to_bytes(8, "little")) == _mask(twin((24).to_bytes(8, "little")))


def _mask(checksum):
    bits = f"{checksum:032b}"
    return (int(bits[-15:] + bits[:-15], 2) + 0xA282EAD8) % 2**32
