"""The compact form: exact, the same bytes each time, and nothing of a damaged file."""

import math
import os
import random
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zc_bench.tables import compact
from zc_bench.tables.catalogue import SHIPPED
from zc_bench.tables.compact import Columns, pack, unpack
from zc_bench.tables.string_index import Keys

STAMP = {"raw_size": 10, "raw_mtime_ns": 1_700_000_000_123_456_789}
FACTS = {"source": "somebody: Ω\n", "sha256": "ab", "epochs": 200}
KEYS = ("(0, 0, 0, 0, 0, 0)", "(4, 0, 3, 1, 4, 3)")
VALUES = {"cifar10": np.array([1 / 3, math.nan]), "latency/imagenet16-120": np.array([0.1, 2.0])}
COLUMNS = Columns(Keys.of(KEYS), VALUES, FACTS)
SMALL = pack(COLUMNS)
SMALLEST_SHIPPED = min(SHIPPED.iterdir(), key=lambda path: path.stat().st_size).read_bytes()


def same(found: Columns, expected: Columns) -> bool:
    return (
        found.keys == expected.keys
        and found.facts == expected.facts
        and list(found.values) == list(expected.values)
        and all(
            found.values[name].tobytes() == expected.values[name].tobytes() for name in found.values
        )
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.table.gz"
    compact.write_columns(path, Columns(COLUMNS.keys, VALUES, {**FACTS, **STAMP}))
    return path


def test_columns_come_back_bit_for_bit() -> None:
    found = unpack(SMALL)
    assert same(found, COLUMNS)
    assert {values.dtype for values in found.values.values()} == {np.dtype(np.float64)}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text("abc(), 123", min_size=1), st.floats(allow_infinity=False)))
def test_any_keys_and_numbers_come_back_bit_for_bit(content: dict[str, float]) -> None:
    keys = sorted(content)
    columns = Columns(
        Keys.of(keys), {"task": np.array([content[key] for key in keys], np.float64)}, {}
    )
    found = unpack(pack(columns))
    assert found.keys == columns.keys
    np.testing.assert_array_equal(found.values["task"], columns.values["task"])


def test_the_same_columns_give_the_same_bytes(tmp_path: Path) -> None:
    assert pack(unpack(SMALL)) == SMALL
    for name in ("a.table.gz", "b.table.gz"):
        compact.write_columns(tmp_path / name, COLUMNS)
    assert (tmp_path / "a.table.gz").read_bytes() == (tmp_path / "b.table.gz").read_bytes() == SMALL


def test_it_is_gzipped_text_with_the_source_in_its_second_line() -> None:
    first, second, *keys = zlib.decompress(SMALL, 31).decode().split("\n")
    assert first.startswith("zc-bench table 3 sha256 ")
    assert '"source": "somebody: Ω\\n"' in second
    assert keys[:2] == list(KEYS)


def test_hashes_of_many_keys_are_kept() -> None:
    keys = Keys.of(sorted(f"({number:05})" for number in range(compact._MANY)))
    found = unpack(pack(Columns(keys, {"task": np.arange(compact._MANY, dtype=np.float64)}, {})))
    assert "hashes" in found.keys.__dict__
    np.testing.assert_array_equal(found.keys.hashes, keys.hashes)


@pytest.mark.parametrize("data", [SMALL, SMALLEST_SHIPPED], ids=["small", "shipped"])
def test_a_flipped_bit_is_refused_or_changes_nothing(data: bytes) -> None:
    """Thousands of places, drawn with a seed, or all that there are."""
    expected = unpack(data)
    flips = 8 * len(data)
    places = range(flips) if flips <= 10_000 else random.Random(0).sample(range(flips), 1000)
    harmless = 0
    for place in places:
        damaged = bytearray(data)
        damaged[place // 8] ^= 1 << place % 8
        try:
            found = unpack(bytes(damaged))
        except ValueError:
            continue
        assert same(found, expected), f"bit {place}"
        harmless += 1
    # What the header of gzip says of the time and the system is not part of the content.
    assert harmless <= 8 * 10


def repacked(text: bytes) -> bytes:
    """A changed text that is zipped again: the checksum of gzip agrees."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(text) + packer.flush()


def test_a_changed_text_does_not_match_its_digest() -> None:
    text = zlib.decompress(SMALL, 31)
    for place in range(len(text)):
        changed = bytearray(text)
        changed[place] ^= 1
        with pytest.raises(ValueError, match=r"does not match its digest|no table of version 3"):
            unpack(repacked(bytes(changed)))
    assert same(unpack(repacked(text)), COLUMNS)


@pytest.mark.parametrize("seed", range(3))
def test_damage_of_many_bytes_is_refused_or_changes_nothing(seed: int) -> None:
    expected, generator = unpack(SMALL), random.Random(seed)
    for _ in range(1000):
        start, length = generator.randrange(len(SMALL)), generator.choice([1, 2, 8, 100])
        damaged = (
            SMALL[:start]
            + generator.randbytes(length)
            + SMALL[start + generator.choice([0, length]) :]
        )
        try:
            found = unpack(damaged)
        except ValueError:
            continue
        assert same(found, expected)


def test_a_truncated_file_is_refused_at_every_length() -> None:
    for length in range(len(SMALL)):
        with pytest.raises(ValueError, match=r"."):
            unpack(SMALL[:length])


def test_what_follows_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match="something follows its end"):
        unpack(SMALL + SMALL)


def test_of_a_file_that_expands_without_end_no_more_is_read_than_it_says() -> None:
    with pytest.raises(ValueError, match="cut short"):
        unpack(repacked(bytes(10_000_000))[:-4] + (1000).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (b"zc-bench table 4 sha256 ", "it is no table of version 3"),
        (b"another text            ", "it is no table of version 3"),
    ],
)
def test_another_version_is_refused(changed: bytes, sentence: str) -> None:
    text = zlib.decompress(SMALL, 31)
    with pytest.raises(ValueError, match=sentence):
        unpack(repacked(changed + text[len(changed) :]))


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"architectures": 1, "columns": [], "facts": {}}']
)
def test_a_content_of_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack(repacked(compact._first_line(content) + content))


def test_a_cache_is_what_was_written(path: Path) -> None:
    found = compact.read(path, FACTS, STAMP)
    assert found is not None
    assert same(found, COLUMNS)


@pytest.mark.parametrize("name", STAMP)
def test_a_stale_cache_is_as_good_as_none(path: Path, name: str) -> None:
    assert compact.read(path, FACTS, {**STAMP, name: STAMP[name] + 1}) is None


def test_another_source_is_as_good_as_none(path: Path) -> None:
    assert compact.read(path, {**FACTS, "sha256": "cd"}, STAMP) is None


def test_without_a_known_hash_the_recorded_one_counts(path: Path) -> None:
    found = compact.read(
        path, {name: fact for name, fact in FACTS.items() if name != "sha256"}, STAMP
    )
    assert found is not None
    assert found.facts["sha256"] == "ab"


def test_an_absent_or_damaged_cache_is_none(path: Path, tmp_path: Path) -> None:
    assert compact.read(tmp_path / "absent.table.gz", FACTS, STAMP) is None
    path.write_bytes(path.read_bytes()[:-9])
    assert compact.read(path, FACTS, STAMP) is None


def test_the_stamp_follows_the_raw_file(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes(b"0123456789")
    os.utime(raw, ns=(0, 5))
    assert compact.stamp(raw) == {"raw_size": 10, "raw_mtime_ns": 5}
