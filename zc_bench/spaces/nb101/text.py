"""The notation of NAS-Bench-101 cells: NAS-Bench-Suite-Zero's key, and the authors' forms."""

import json
import re
from collections.abc import Sequence
from itertools import chain
from math import isqrt

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.digits import read_digits, read_literal
from zc_bench.spaces.nb101.cell import INPUT, MAX_EDGES, MAX_VERTICES, OPERATIONS, OUTPUT, Cell

# The digit of a vertex in the canonical key is the index of its label.
LABELS = (INPUT, OUTPUT, *OPERATIONS)

# A record of the authors' file: the matrix row by row, then the labels.
_RECORD = re.compile(r"([01]+)\s+([\w,-]+)")


def write_key(cell: Cell) -> str:
    """Write the matrix row by row, then a digit per vertex: n * n + n digits for n vertices."""
    return str((*chain.from_iterable(cell.matrix()), *map(LABELS.index, cell.labels)))


def read_key(key: str) -> Cell:
    """Read a key of `write_key`."""
    # The digits stand three characters apart.
    digits = [*map(int, key[1::3])]
    entries = _entries(digits)
    return _from_entries(digits[:entries], [LABELS[digit] for digit in digits[entries:]])


def write_native(cell: Cell) -> str:
    """Write the authors' `ModelSpec` as JSON: `{"matrix": [[0, 1], [0, 0]], "ops": [...]}`."""
    return json.dumps({"matrix": cell.matrix(), "ops": cell.labels})


def read(text: str) -> Cell:
    """Read a cell from any of its forms.

    Args:
        text: the key; the arguments of the authors' `ModelSpec`, as JSON `{"matrix": ..., "ops":
            ...}` or as a Python tuple `(matrix, ops)`; or a record of their file, the matrix as a
            string of zeros and ones and the labels: `0100 input,output`.

    Raises:
        ZcBenchError: if the text is none of these, or the cell is not in the space.
    """
    cell = _read(text)
    fault = cell.fault() if cell else "it has none of the forms"
    if not cell or fault:
        message = (
            f"{text!r} is not a NAS-Bench-101 architecture, as {fault}: expected a cell of 2 to {MAX_VERTICES} "
            f"vertices, the first {INPUT!r}, the last {OUTPUT!r}, the others of {', '.join(OPERATIONS)}, with 1 to "
            f"{MAX_EDGES} edges on paths from the first to the last, each to a later vertex; written like "
            '\'{"matrix": [[0, 1], [0, 0]], "ops": ["input", "output"]}\', \'0100 input,output\' or as the digits '
            "'(0, 1, 0, 0, 0, 1)'."
        )
        raise ZcBenchError(message)
    return cell


def _read(text: str) -> Cell | None:
    if digits := read_digits(text):
        entries = _entries(digits)
        labels = [LABELS[digit] for digit in digits[entries:] if 0 <= digit < len(LABELS)]
        return _checked(digits[:entries], labels)
    if record := _RECORD.fullmatch(text.strip()):
        return _checked([*map(int, record[1])], record[2].split(","))
    # JSON without true, false and null is a Python literal too.
    match read_literal(text):
        case ([*rows], [*ops]):
            return _from_rows(rows, ops)
        case {"matrix": [*rows], "ops": [*ops], **others} if not others:
            return _from_rows(rows, ops)
    return None


def _entries(digits: Sequence[int]) -> int:
    """Return the number n * n of digits of the matrix among the n * n + n digits of a key."""
    return isqrt(len(digits)) ** 2


def _from_rows(rows: Sequence[object], labels: Sequence[object]) -> Cell | None:
    lists = [row for row in rows if isinstance(row, list | tuple) and len(row) == len(labels)]
    return _checked([*chain.from_iterable(lists)], labels) if len(lists) == len(rows) else None


def _checked(entries: Sequence[object], labels: Sequence[object]) -> Cell | None:
    """Return the cell, unless this is no square matrix of zeros and ones with a label per row."""
    # `isinstance` is not used, because True is an int.
    whole = [entry for entry in entries if type(entry) is int and entry in (0, 1)]
    names = [label for label in labels if isinstance(label, str)]
    square = len(whole) == len(entries) == len(labels) ** 2 and len(names) == len(labels)
    return _from_entries(whole, names) if square else None


def _from_entries(entries: Sequence[int], labels: Sequence[str]) -> Cell:
    edges = (divmod(place, len(labels)) for place, entry in enumerate(entries) if entry)
    return Cell(tuple(edges), tuple(labels))
