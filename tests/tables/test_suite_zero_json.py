import json
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zc_bench.errors import ZcBenchError
from zc_bench.tables.suite_zero_json import read

KEY = "(4, 0, 3, 1, 4, 3)"
ENTRY = {
    "id": "0",
    "val_accuracy": 90,
    "zen": {"score": 1.5, "time": 0.1},
    "params": {"score": None},
    "train_time": 7.0,
}


def write(folder: Path, content: object) -> Path:
    path = folder / "a.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize("early", [False, True])
def test_rows_hold_truth_and_scores(tmp_path: Path, early: bool) -> None:
    content: dict[str, object] = {
        "ImageNet16-120": {KEY: ENTRY},
        "cifar10": {KEY: {"zen": {"score": -1e8}}},
    }
    first, second = read(write(tmp_path, {"nasbench201": content} if early else content))
    assert first[:3] == ("imagenet16-120", KEY, 90.0)
    assert first.scores["zen"] == 1.5
    assert math.isnan(first.scores["params"])
    assert set(first.scores) == {"zen", "params"}
    assert first.space == ("nb201" if early else "")
    assert math.isnan(second.truth)
    assert second.scores == {"zen": -1e8}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "is not valid JSON"),
        (b"\xff", "is not valid JSON"),
        (b"[" * 100_000, "is not valid JSON"),
        ([1], "at the whole: expected an object"),
        ({"cifar10": 3}, "holds '3.0' at cifar10: expected an object"),
        ({"nasbench201": []}, "at nasbench201: expected an object"),
        (
            {"cifar10": {KEY: {"val_accuracy": "90"}}},
            r"at cifar10, \(4, 0, 3, 1, 4, 3\): expected an object with",
        ),
        ({"cifar10": {KEY: {"id": "3"}}}, "expected an object with 'val_accuracy'"),
    ],
)
def test_another_form_is_one_sentence(tmp_path: Path, content: object, sentence: str) -> None:
    with pytest.raises(ZcBenchError, match=sentence):
        list(read(write(tmp_path, content)))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cifar10", "nasbench201", KEY, "val_accuracy", "score"]),
            inner,
            max_size=3,
        )
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON | st.binary(max_size=50))
def test_any_content_gives_our_error_or_rows(tmp_path: Path, content: object) -> None:
    try:
        rows = list(read(write(tmp_path, content)))
    except ZcBenchError:
        return
    assert all(isinstance(row.truth, float) for row in rows)


def test_an_absent_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ZcBenchError, match="cannot be read"):
        list(read(tmp_path / "absent.json"))
