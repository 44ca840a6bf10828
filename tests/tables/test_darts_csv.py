import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.tables import load_table
from zc_bench.tables.catalogue import TableFile
from zc_bench.tables.darts_csv import read

SPACE = space_registry["darts_cell"]
ONE, OTHER = (
    SPACE.native(SPACE.parse(str(((name, 0),) * 7 + (("none", 4),))))
    for name in ("sep_conv_3x3", "skip_connect")
)
GOOD = f'"{ONE}",85.0\n"{OTHER}",79.5\n'


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "DARTS_archs_CIFAR10.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_rows_come_line_by_line(tmp_path: Path) -> None:
    for text in (GOOD, GOOD.strip(), GOOD.replace("\n", "\r\n")):
        assert [row[:3] for row in read(write(tmp_path, text))] == [
            ("cifar10", ONE, 85.0),
            ("cifar10", OTHER, 79.5),
        ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        f'"{ONE}"',
        f'"{ONE}",',
        f'"{ONE}",85.0,1',
        f"{ONE},85.0",
        f'"{ONE}"x,85.0',
        f'"{ONE}",good',
        f'"{ONE}",nan',
        f'"{ONE}",inf',
        f'"{ONE}",-0.1',
        f'"{ONE}",100.1',
        f'"{ONE},85.0',
        "x" * 200_000,
    ],
    ids=lambda line: line[-12:],
)
def test_a_malformed_row_is_one_sentence_with_its_line(tmp_path: Path, line: str) -> None:
    path = write(tmp_path, f"{GOOD}{line}\n")
    with pytest.raises(
        ZcBenchError,
        match=r"DARTS_archs_CIFAR10\.csv, line 3, is not a quoted Genotype.*: get the fil",
    ):
        list(read(path))


def test_a_damaged_byte_in_a_number_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(ZcBenchError, match=r", line 2, is not"):
        list(read(write(tmp_path, GOOD.encode().replace(b"79.5", b"79\xff5"))))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200) | st.text(alphabet='Genotyp",=()[]0123456789.eE-\n\r').map(str.encode)
)
def test_random_bytes_give_our_error_or_rows(tmp_path: Path, data: bytes) -> None:
    try:
        rows = list(read(write(tmp_path, data)))
    except ZcBenchError:
        return
    assert all(row.task == "cifar10" and 0 <= row.truth <= 100 for row in rows)


def published(publish: Callable[..., TableFile], folder: Path, text: str) -> None:
    write(folder, text)
    publish(
        text.encode(),
        space="darts_cell",
        format="darts_csv",
        file="DARTS_archs_CIFAR10.csv",
        tasks=("cifar10",),
    )


def test_the_file_becomes_a_table(folder: Path, publish: Callable[..., TableFile]) -> None:
    published(publish, folder, GOOD)
    table = load_table("darts_cell", folder=folder)
    keys = [SPACE.parse(text).key for text in (ONE, OTHER)]
    assert set(table.keys) == set(keys)
    np.testing.assert_array_equal(table.lookup("cifar10", keys), [85.0, 79.5])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GOOD + f'"{ONE}",80.0\n', "comes twice for cifar10"),
        (GOOD + '"Genotype(normal=1)",80.0\n', r"'Genotype\(normal=1\)' is not a DARTS cell"),
        (GOOD.replace("'none', 4", "'none', 5"), "is not a DARTS cell"),
        ("", "no row for the task 'cifar10'"),
    ],
)
def test_another_file_is_one_sentence(
    folder: Path, publish: Callable[..., TableFile], text: str, sentence: str
) -> None:
    published(publish, folder, text)
    with pytest.raises(
        ZcBenchError,
        match=f"DARTS_archs_CIFAR10.csv is not the file that it should be: .*{sentence}",
    ):
        load_table("darts_cell", folder=folder)


@pytest.mark.data
def test_the_published_file(folder: Path, shared_folder: Path) -> None:
    path = Path(shutil.copy(shared_folder / "data" / "raw" / "DARTS_archs_CIFAR10.csv", folder))
    rows = list(read(path))
    # As published: normal cell equal to reduction cell, and no architecture twice.
    assert all(SPACE.native(SPACE.parse(row.architecture)) == row.architecture for row in rows)
    table = load_table("darts_cell", folder=folder)
    assert len(rows) == len(table.keys) == 1000
    assert table.lookup(
        "cifar10", [SPACE.parse(row.architecture).key for row in rows[:2]]
    ).tolist() == [
        85.0,
        85.23999786376953,
    ]
    accuracies = table.metrics["cifar10"]
    np.testing.assert_allclose([accuracies.min(), accuracies.max()], [10.22, 86.61], atol=1e-4)
    assert table.provenance["epochs"] == 200
    again = load_table("darts_cell", folder=folder)
    assert again.keys == table.keys
    assert again.metrics["cifar10"].tobytes() == accuracies.tobytes()
