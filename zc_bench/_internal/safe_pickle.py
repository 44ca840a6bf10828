"""Read pickles of strangers: data only, nothing runs.

A pickle may name any function and have it called. LocalExecutor every name is looked up in an allow-list, by module and name,
exactly; a name that is not there ends the reading.
"""

import pickle
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from zc_bench.errors import ZcBenchError

Allowed = Mapping[tuple[str, str], Any]


def load(file: IO[bytes], name: str, allowed: Allowed) -> Any:
    """Read one pickle.

    Args:
        file: the open file.
        name: what to call it in an error.
        allowed: what each permitted global stands for, by (module, name). The strings of Python 2 are read as latin1,
            which keeps their bytes.

    Returns:
        The object.

    Raises:
        ZcBenchError: if the pickle is damaged or names a global that is not allowed.
    """
    try:
        return _Restricted(file, name, allowed).load()
    except ZcBenchError:
        raise
    except Exception as error:
        # A damaged pickle is a damaged program: it may raise anything.
        message = (
            f"{name} is not a whole pickle ({type(error).__name__}): replace it by a fresh copy."
        )
        raise ZcBenchError(message) from error


class _Restricted(pickle.Unpickler):
    def __init__(self, file: IO[bytes], name: str, allowed: Allowed) -> None:
        super().__init__(file, encoding="latin1")
        self._name = name
        self._allowed = allowed

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) not in self._allowed:
            message = (
                f"{self._name} asks for {module}.{name}, which a file of plain data does not need: "
                "it was not read, get it from a source that you trust."
            )
            raise ZcBenchError(message)
        return self._allowed[module, name]


def _dtype(code: str, align: int = 0, copy: int = 0) -> np.dtype[Any]:
    """Make a dtype from the arguments of an old pickle, whose integer flags new versions of NumPy warn about."""
    return np.dtype(code, align=bool(align), copy=bool(copy))


def _bytes(text: str, encoding: str) -> bytes:
    """Stand in for `_codecs.encode`, with which Python 3 writes bytes for Python 2: always as latin1."""
    if encoding != "latin1":
        message = f"bytes are encoded as {encoding!r}, expected 'latin1'"
        raise ValueError(message)
    return text.encode("latin1")


_reconstruct = np.empty(0).__reduce__()[0]

NUMPY_ARRAYS: Allowed = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("_codecs", "encode"): _bytes,
}
