import math
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from zc_bench.tables import compact
from zc_bench.tables.base import Table

STAMP = {"format": compact.FORMAT, "raw_size": 10, "raw_mtime_ns": 1_700_000_000_123_456_789}
TABLE = Table(
    "nb201",
    ("(0, 0, 0, 0, 0, 0)", "(4, 0, 3, 1, 4, 3)"),
    {"cifar10": np.array([1 / 3, math.nan]), "imagenet16-120": np.array([0.1, 2.0])},
    {"source": "somebody", "sha256": "ab", "epochs": 200},
)


def read(
    path: Path, provenance: compact.Facts = TABLE.provenance, stamp: compact.Facts = STAMP
) -> Table | None:
    return compact.read(path, "nb201", TABLE.tasks, provenance, stamp)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.table.h5"
    compact.write(path, TABLE, STAMP)
    return path


def test_a_table_comes_back_bit_for_bit(path: Path) -> None:
    table = read(path)
    assert table is not None
    assert (table.space, table.keys, table.tasks, table.provenance) == (
        TABLE.space,
        TABLE.keys,
        TABLE.tasks,
        TABLE.provenance,
    )
    for task in TABLE.tasks:
        assert table.metrics[task].tobytes() == TABLE.metrics[task].tobytes()


def test_the_provenance_is_in_the_attributes(path: Path) -> None:
    with h5py.File(path) as file:
        assert dict(file.attrs) == {**TABLE.provenance, **STAMP}


@pytest.mark.parametrize("name", STAMP)
def test_a_stale_table_is_as_good_as_none(path: Path, name: str) -> None:
    assert read(path, stamp={**STAMP, name: STAMP[name] + 1}) is None


def test_another_source_is_as_good_as_none(path: Path) -> None:
    assert read(path, provenance={**TABLE.provenance, "sha256": "cd"}) is None


def test_an_absent_table_is_none(tmp_path: Path) -> None:
    assert read(tmp_path / "absent.h5") is None


def test_a_truncated_table_is_as_good_as_none(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])
    assert read(path) is None


def test_a_flipped_bit_is_noticed(path: Path) -> None:
    with h5py.File(path) as file:
        chunk = file["metrics/cifar10"].id.get_chunk_info(0)
    data = bytearray(path.read_bytes())
    data[chunk.byte_offset + chunk.size // 2] ^= 1
    path.write_bytes(data)
    assert read(path) is None


def test_a_table_without_a_task_is_as_good_as_none(path: Path) -> None:
    with h5py.File(path, "a") as file:
        del file["metrics/cifar10"]
    assert read(path) is None


def test_the_stamp_follows_the_raw_file(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes(b"0123456789")
    os.utime(raw, ns=(0, 5))
    assert compact.stamp(raw) == {"format": compact.FORMAT, "raw_size": 10, "raw_mtime_ns": 5}
