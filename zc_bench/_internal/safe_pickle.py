"""Read pickles from untrusted sources: plain data only, no code runs.

A pickle may name any function and have it called. Here every name is looked up in an
allow-list, by module and name, exactly; a name that is not there ends the reading. What stands for
a name is a class of this package, so that no pickle reaches NumPy, which takes the bytes of an
array of objects for addresses.

The unpickler is the one in Python: the one in C allocates as much memory as a pickle says, and
cannot be held to some opcodes.
"""

import pickle
import re
from collections.abc import Mapping
from math import prod
from typing import IO, Any, ClassVar

import numpy as np

from zc_bench.errors import ZcBenchError


class StandIn:
    """Stands for what a pickle names. A pickle sets attributes of instances, never of the class."""

    def __setstate__(self, state: object) -> None:
        """Take the attributes of an object."""
        self.__dict__.update(_of(state, dict))


Allowed = Mapping[tuple[str, str], type[StandIn]]


def load(file: IO[bytes], name: str, allowed: Allowed) -> Any:
    """Read one pickle.

    Args:
        file: the open file.
        name: what to call it in an error.
        allowed: what stands for each permitted global, by (module, name). The strings of Python 2
            are read as latin1, which keeps their bytes.

    Returns:
        The object. Arrays are `Array`.

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


# Not among them: persistent names, classes of protocol 0, the extension registry, sets, duplicates,
# shared buffers.
_OPCODES = b"\x80\x95N\x89\x88IJKML\x8a\x8bFGSTBVX\x8d\x8eUC\x8ct)\x85\x86\x87]}ld\x81c\x93R01ghjpqr\x94aesub(."


# typeshed describes the loading alone, not the stack.
_Unpickler: Any = pickle._Unpickler


class _Restricted(_Unpickler):  # type: ignore[misc]
    """Handles the opcodes of plain data only."""

    dispatch: ClassVar[dict[int, Any]] = {code: _Unpickler.dispatch[code] for code in _OPCODES}

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

    def load_build(self) -> None:
        """Set the state of a stand-in, and of nothing else."""
        state = self.stack.pop()
        instance = self.stack[-1]
        if not isinstance(instance, StandIn):
            message = f"a {type(instance).__name__} has no state"
            raise ValueError(message)
        instance.__setstate__(state)

    def load_setitems(self) -> None:
        """Set items of a dict whose keys are plain; the hash of a deep tuple may take for ever."""
        items = self.pop_mark()
        _of(self.stack[-1], dict).update(_pairs(items))

    def load_setitem(self) -> None:
        """Set one item of a dict."""
        key, value = self.stack[-2:]
        del self.stack[-2:]
        _of(self.stack[-1], dict).update(_pairs([key, value]))

    def load_dict(self) -> None:
        """Make a dict."""
        items = self.pop_mark()
        self.append(_pairs(items))

    dispatch.update(
        {ord("b"): load_build, ord("u"): load_setitems, ord("s"): load_setitem, ord("d"): load_dict}
    )


def _pairs(items: list[Any]) -> dict[Any, Any]:
    keys = items[::2]
    if not {type(part) for key in keys for part in (key if type(key) is tuple else (key,))} <= {
        int,
        str,
    }:
        message = "a key is neither a text nor whole numbers"
        raise ValueError(message)
    return dict(zip(keys, items[1::2], strict=True))


def _of(value: object, kind: type) -> Any:
    """Return a value that is exactly of a type."""
    if type(value) is not kind:
        message = f"there is a {type(value).__name__}, expected a {kind.__name__}"
        raise ValueError(message)
    return value


class _Bytes(StandIn):
    """Stands for `_codecs.encode`, with which Python 3 writes bytes for Python 2.

    Always as latin1.
    """

    def __new__(cls, text: str, encoding: str) -> bytes:  # type: ignore[misc]
        if _of(encoding, str) != "latin1":
            message = "bytes have another encoding than latin1"
            raise ValueError(message)
        return bytes(_of(text, str), "latin1")


class _Type(StandIn):
    """Stands for `numpy.dtype`: numbers of a known size.

    Args:
        code: for instance "u1".
    """

    def __init__(self, code: str, *_: object) -> None:
        if not re.fullmatch("b1|[iu][1248]|f[248]", _of(code, str)):
            message = f"{code[:20]!r} is no type of numbers"
            raise ValueError(message)
        self.dtype = np.dtype(code)

    def __setstate__(self, state: object) -> None:
        """Take the byte order of (version, byte order, ...).

        The rest describes types that are not allowed.
        """
        order = _of(state, tuple)[1]
        if order not in ("<", ">", "|", "="):
            message = "there is an unknown byte order"
            raise ValueError(message)
        self.dtype = self.dtype.newbyteorder(order)


class Array(StandIn):
    """Stands for an array of NumPy, and for the function that begins one.

    Attributes:
        values: the array.
    """

    def __init__(self, *_: object) -> None:
        self.values = np.empty(0, np.uint8)

    def __setstate__(self, state: object) -> None:
        """Take (version, shape, type, whether it is in Fortran's order, bytes)."""
        _, shape, kind, fortran, raw = _of(state, tuple)
        if any(_of(length, int) < 0 for length in _of(shape, tuple)):
            message = "there is a negative length"
            raise ValueError(message)
        data = raw.encode("latin1") if type(raw) is str else _of(raw, bytes)
        dtype = _of(kind, _Type).dtype
        if prod(shape) * dtype.itemsize != len(data):
            message = f"there are {len(data)} bytes for an array of another size"
            raise ValueError(message)
        self.values = np.frombuffer(data, dtype).reshape(
            shape, order="F" if fortran is True else "C"
        )


NUMPY_ARRAYS: Allowed = {
    ("numpy", "ndarray"): Array,
    ("numpy", "dtype"): _Type,
    ("numpy.core.multiarray", "_reconstruct"): Array,
    ("numpy._core.multiarray", "_reconstruct"): Array,
    ("_codecs", "encode"): _Bytes,
}
