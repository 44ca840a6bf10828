import dataclasses
import pickle
from pathlib import Path

import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.tables import analog
from zc_bench.tables.catalogue import table_files


def test_the_package_holds_every_architecture(tmp_path: Path) -> None:
    path = table_files()[1].find(tmp_path)
    assert path is not None
    rows = list(analog.read(path))
    assert len({key for _, key, _ in rows}) == len(rows) == 15_625
    assert {task for task, _, _ in rows} == {"cifar10"}
    assert all(0 <= accuracy <= 100 for _, _, accuracy in rows)


def test_an_absent_package_is_no_source(tmp_path: Path) -> None:
    assert dataclasses.replace(table_files()[1], package="no_such_package").find(tmp_path) is None


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([1, 2], "holds a list: expected a dict"),
        ({(0,) * 6: 1.0}, r"has None as the baseline_accuracy of \(0, 0, 0, 0, 0, 0\): expected a float"),
        (pytest, "is not a whole pickle|asks for"),
    ],
)
def test_another_form_is_one_sentence(tmp_path: Path, value: object, sentence: str) -> None:
    path = tmp_path / "data.anb"
    path.write_bytes(pickle.dumps(value if value is not pytest else pytest.raises))
    with pytest.raises(ZcBenchError, match=sentence):
        list(analog.read(path))
