import dataclasses
import pickle
from importlib.util import find_spec
from pathlib import Path

import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.tables import analog
from zc_bench.tables.catalogue import table_files

ENTRY = next(entry for entry in table_files() if entry.name == "analog_nasbench")


@pytest.mark.skipif(not find_spec("analognasbench"), reason="the extra `analog` is not installed")
def test_the_package_holds_every_architecture(tmp_path: Path) -> None:
    path = ENTRY.find(tmp_path)
    assert path is not None
    rows = list(analog.read(path))
    assert len({row.architecture for row in rows}) == len(rows) == 15_625
    assert {row.task for row in rows} == {"cifar10"}
    assert all(0 <= row.truth <= 100 for row in rows)


def test_an_absent_package_is_no_source(tmp_path: Path) -> None:
    assert dataclasses.replace(ENTRY, package="no_such_package").find(tmp_path) is None


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([1, 2], "holds a list: expected a dict"),
        (
            {(0,) * 6: 1.0},
            r"has NoneType as the baseline_accuracy of \(0, 0, 0, 0, 0, 0\): expected a float",
        ),
        (pytest, "is not a whole pickle|asks for"),
    ],
)
def test_another_form_is_one_sentence(tmp_path: Path, value: object, sentence: str) -> None:
    path = tmp_path / "data.anb"
    path.write_bytes(pickle.dumps(value if value is not pytest else pytest.raises))
    with pytest.raises(ZcBenchError, match=sentence):
        list(analog.read(path))
