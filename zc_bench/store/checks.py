"""Checks of the values in a store.

Values of a journal or a file are checked before they are used.
"""

import re
from functools import lru_cache
from typing import Any

# A proxy and its version; HDF5 takes / for a path, and . for the group itself.
_COLUMN = re.compile(r"(?!\.{1,2}@)[^/\0]+@[0-9]{1,9}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LARGEST = 2**63  # HDF5 holds whole numbers of 64 bits


def mapping(value: Any) -> dict[str, Any]:
    """Return a dict, else raise."""
    if type(value) is not dict:
        raise _wrong(value, "names and values")
    return value


def text(value: Any) -> str:
    """Return a text that HDF5 can hold, else raise."""
    if (
        type(value) is not str
        or "\0" in value
        or not (value.isascii() or _SURROGATE.search(value) is None)
    ):
        raise _wrong(value, "a text")
    return value


def name(value: Any) -> str:
    """Return a text that HDF5 can hold as the name of a dataset, else raise."""
    if "/" in text(value) or value in ("", ".", ".."):
        raise _wrong(value, "a name")
    return str(value)


def column(value: Any) -> str:
    """Return a proxy and its version, else raise."""
    if not _is_column(text(value)):
        raise _wrong(value, "a proxy and its version, like swap@1")
    return str(value)


@lru_cache(maxsize=1024)
def _is_column(value: str) -> bool:
    """Return whether a text is a proxy and its version; every trial of a store asks it again."""
    return _COLUMN.fullmatch(value) is not None


def whole(value: Any) -> int:
    """Return a whole number of 64 bits, else raise."""
    if type(value) is not int or not -_LARGEST <= value < _LARGEST:
        raise _wrong(value, "a whole number of 64 bits")
    return value


def number(value: Any) -> float:
    """Return a number, else raise."""
    if type(value) is float or (type(value) is int and abs(value) < 2**1023):
        return float(value)
    raise _wrong(value, "a number")


def _wrong(value: Any, expected: str) -> ValueError:
    kind = type(value).__name__
    # A number of a million digits takes for ever to write, and a list may be deep.
    shown = f"{value[:40]!r}" if type(value) is str else f"a {kind}"
    return ValueError(f"{shown} is not {expected}")
