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
    np.testing.assert_array_equal(read["data"].values, value["data"])
    assert (read["labels"], read["raw"]) == (value["labels"], value["raw"])


def test_a_pickle_of_python_2_comes_back() -> None:
    # As Python 2 wrote {"a": numpy.array([7, 255], "u1")}: byte strings, integer flags, the old
    # module name.
    data = (
        b"\x80\x02}U\x01acnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x02\x85cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        b"\x89U\x02\x07\xfftbs."
    )
    read = load(data)
    assert isinstance(read, dict)
    np.testing.assert_array_equal(read["a"].values, np.array([7, 255], np.uint8))


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


def array_state(kind: str, raw: bytes, shape: object = (1,)) -> bytes:
    """Pickle an array of any type and bytes, as no NumPy would."""

    class Made:
        def __reduce__(self) -> tuple[object, ...]:
            return (
                np.empty(0).__reduce__()[0],
                (np.ndarray, (0,), b"b"),
                (1, shape, np.dtype(kind), False, raw),
            )

    return pickle.dumps(Made(), protocol=3)


@pytest.mark.parametrize(
    ("kind", "raw", "shape"),
    [
        ("O", b"AAAAAAAA", (1,)),
        ("V8", b"AAAAAAAA", (1,)),
        ("S8", b"AAAAAAAA", (1,)),
        ("M8[s]", b"AAAAAAAA", (1,)),
        ([("a", "u1")], b"A", (1,)),
        ("u1", b"AA", (1,)),
        ("u1", b"", (-1, 0)),
        ("u1", b"A", (1.0,)),
        ("u1", b"A", None),
        ("u1", [b"A"], (1,)),
        ("u1", b"", (0, 2**70)),
    ],
)
def test_arrays_are_of_numbers_and_of_their_size(kind: str, raw: bytes, shape: object) -> None:
    with pytest.raises(ZcBenchError, match="not a whole pickle"):
        load(array_state(kind, raw, shape))


def test_the_state_of_a_type_changes_no_type_of_numpy() -> None:
    pickled = b"\x80\x02cnumpy\ndtype\nU\x02i4K\x00K\x00\x87R(K\x03U\x01>NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb."
    load(pickled)
    assert np.array([1], "int32").tobytes() == np.array([1], "=i4").tobytes()
    assert np.dtype("int32").isnative


@pytest.mark.parametrize("name", ["_codecs encode", "numpy ndarray", "numpy dtype"])
@pytest.mark.parametrize("state", [b"}U\x01aK\x01s", b"N}U\x01aK\x01s\x86", b")"])
def test_the_state_of_a_class_is_never_set(name: str, state: bytes) -> None:
    module, attribute = name.encode().split()
    with pytest.raises(ZcBenchError, match="not a whole pickle"):
        load(b"\x80\x02c" + module + b"\n" + attribute + b"\n" + state + b"b.")
    assert not any(hasattr(kind, "a") for kind in safe_pickle.NUMPY_ARRAYS.values())


def test_a_place_of_the_memo_takes_no_memory() -> None:
    # Seven bytes that have the unpickler in C fill 32 GiB.
    assert load(b"Nr\xff\xff\xff\x7f.") is None


def test_a_key_that_takes_for_ever_to_hash_is_refused() -> None:
    nested = b")" + b"q\x00h\x00\x86" * 60
    for ending in (b"K\x01s", b"(" + nested + b"K\x01u"):
        begun = b"}" + (nested if ending == b"K\x01s" else b"")
        with pytest.raises(ZcBenchError, match="not a whole pickle"):
            load(begun + ending + b".")
    with pytest.raises(ZcBenchError, match="not a whole pickle"):
        load(b"(" + nested + b"K\x01d.")


@pytest.mark.parametrize(
    "opcode",
    [b"(c_codecs\nencode\no", b"(i_codecs\nencode\n", b"\x8f", b"(\x91", b"Pname\n", b"\x82\x01"],
)
def test_other_opcodes_are_refused(opcode: bytes) -> None:
    with pytest.raises(ZcBenchError, match="not a whole pickle"):
        load(opcode + b".")


@given(st.binary(max_size=200))
def test_random_bytes_give_a_value_or_our_error(data: bytes) -> None:
    with contextlib.suppress(ZcBenchError):
        load(data)
