import contextlib
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zc_bench.errors import ZcBenchError
from zc_bench.tables.suite_zero_zip import read

ENTRY = {
    "idx": "0",
    "arch": "(4, 0, 3, 1, 4, 3)",
    "zen": {"score": 1.0, "time": 0.1},
    "val_accuracy": 90.5,
}
MEMBER = "zen/benchmark--nasbench201--cifar10--0.json"


def write(path: Path, members: Sequence[tuple[str, object]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zen/", "")
        for name, content in members:
            archive.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return path


def test_rows_come_member_by_member(tmp_path: Path) -> None:
    other = {**ENTRY, "arch": "(0, 0, 0, 0, 0, 0)", "val_accuracy": 10}
    path = write(
        tmp_path / "a.zip",
        [
            (MEMBER, [ENTRY, other]),
            ("zen/benchmark--nasbench201--ImageNet16-120--250.json", [ENTRY]),
        ],
    )
    assert [row[:3] for row in read(path)] == [
        ("cifar10", "(4, 0, 3, 1, 4, 3)", 90.5),
        ("cifar10", "(0, 0, 0, 0, 0, 0)", 10.0),
        ("imagenet16-120", "(4, 0, 3, 1, 4, 3)", 90.5),
    ]


def test_other_members_are_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", [("README.json", b"not JSON"), (MEMBER, [ENTRY])])
    assert len(list(read(path))) == 1


@pytest.mark.parametrize(
    "content",
    [
        [{"arch": "(4, 0, 3, 1, 4, 3)"}],
        [{**ENTRY, "arch": None}],
        [{"val_accuracy": 1.0}],
        [{**ENTRY, "val_accuracy": "90"}],
        [{**ENTRY, "val_accuracy": True}],
        [{**ENTRY, "arch": [4, 0, 3, 1, 4, 3]}],
        ["(4, 0, 3, 1, 4, 3)"],
    ],
)
def test_an_entry_of_another_form_is_one_sentence(tmp_path: Path, content: object) -> None:
    path = write(tmp_path / "a.zip", [(MEMBER, content)])
    with pytest.raises(ZcBenchError, match=r"cifar10--0.json in .*a.zip holds .*'arch', a string"):
        list(read(path))


@pytest.mark.parametrize("content", [b"[{", b"\xff\xfe\x00", b"", b"[" * 100_000])
def test_malformed_json_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path / "a.zip", [(MEMBER, content)])
    with pytest.raises(ZcBenchError, match=r"cifar10--0.json in .* is not valid JSON"):
        list(read(path))


def test_json_that_is_no_list_is_one_sentence(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", [(MEMBER, {"cifar10": {}})])
    with pytest.raises(ZcBenchError, match="holds a dict: expected a list"):
        list(read(path))


def test_a_truncated_zip_is_one_sentence(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", [(MEMBER, [ENTRY])])
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(
        ZcBenchError, match=r"a.zip is truncated or damaged \(.*\): delete it and get it anew"
    ):
        list(read(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_random_bytes_as_zip_give_our_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "random.zip"
    path.write_bytes(data)
    with pytest.raises(ZcBenchError):
        list(read(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 500), st.integers(1, 255))
def test_a_damaged_byte_gives_our_error_or_the_same_numbers(
    tmp_path: Path, place: int, change: int
) -> None:
    path = write(tmp_path / "damaged.zip", [(MEMBER, [ENTRY])])
    rows = list(read(path))
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= change
    path.write_bytes(data)
    with contextlib.suppress(ZcBenchError):
        # Damage to a name may hide the member or rename its task; no damaged number passes the
        # checksum.
        assert [row[1:4] for row in read(path)] in ([], [rows[0][1:4]])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=100) | st.text(alphabet='[]{},:"archvl_u0123456789.eE-\n ').map(str.encode)
)
def test_random_bytes_as_json_give_our_error_or_nothing(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path / "random.zip", [(MEMBER, data)])
    with contextlib.suppress(ZcBenchError):
        assert list(read(path)) == []


def test_a_member_that_is_too_large_is_one_sentence(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", [(MEMBER, b" " * ((1 << 28) + 1))])
    assert path.stat().st_size < 1_000_000
    with pytest.raises(
        ZcBenchError, match=r"damaged \(zen/benchmark\S+ has 268,435,457 bytes unpacked"
    ):
        list(read(path))
