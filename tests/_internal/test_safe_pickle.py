import contextlib
import io
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zc_bench._internal import safe_pickle
from zc_bench.errors import ZcBenchError


def load(data: bytes, allowed: safe_pickle.Allowed = safe_pickle.NUMPY_ARRAYS) -> object:
    return safe_pickle.load(io.BytesIO(data), "the file", allowed)


@pytest.mark.parametrize("protocol", range(5))
def test_arrays_and_bytes_come_back(protocol: int) -> None:
    value = {
        "data": np.arange(12, dtype=np.uint8).reshape(3, 4),
        "labels": [1, 2, 3],
        "raw": b"\x00\xff",
    }
    read = load(pickle.dumps(value, protocol=protocol))
    assert isinstance(read, dict)
    np.testing.assert_array_equal(read["data"], value["data"])
    assert (read["labels"], read["raw"]) == (value["labels"], value["raw"])


def test_a_pickle_of_python_2_comes_back() -> None:
    # As Python 2 wrote {"a": numpy.array([7, 255], "u1")}: byte strings, integer flags, the old module name.
    data = (
        b"\x80\x02}U\x01acnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x02\x85cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        b"\x89U\x02\x07\xfftbs."
    )
    read = load(data)
    assert isinstance(read, dict)
    np.testing.assert_array_equal(read["a"], np.array([7, 255], np.uint8))


class Malicious:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.target),)


def test_a_malicious_pickle_runs_nothing(tmp_path: Path) -> None:
    target = tmp_path / "pwned"
    with pytest.raises(
        ZcBenchError, match=r"^the file asks for \w+\.mkdir, .* a source that you trust\.$"
    ):
        load(pickle.dumps(Malicious(target)))
    assert not target.exists()


@pytest.mark.parametrize(
    "name", ["builtins.eval", "numpy.load", "numpy.core.multiarray.scalar", "os.system"]
)
def test_only_exact_names_are_allowed(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    with pytest.raises(ZcBenchError, match="asks for"):
        load(f"c{module}\n{attribute}\n.".encode())


def test_a_dotted_name_does_not_reach_through_an_allowed_one() -> None:
    with pytest.raises(ZcBenchError, match=r"asks for numpy\.ndarray\.tofile"):
        load(b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.")


def test_other_encodings_are_refused() -> None:
    with pytest.raises(ZcBenchError, match="not a whole pickle"):
        load(b"c_codecs\nencode\n(X\x01\x00\x00\x00aX\x05\x00\x00\x00rot13tR.")


def test_a_truncated_pickle_is_one_sentence() -> None:
    data = pickle.dumps({"data": np.zeros(10)})
    with pytest.raises(
        ZcBenchError, match=r"^the file is not a whole pickle \(.*\): replace it by a fresh copy\.$"
    ):
        load(data[:-5])


@given(st.binary(max_size=200))
def test_random_bytes_give_a_value_or_our_error(data: bytes) -> None:
    with contextlib.suppress(ZcBenchError):
        load(data)
