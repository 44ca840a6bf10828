"""How wide the columns of a table are, and which of them fit beside each other."""

import textwrap
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

_SPARE = 3  # of a column, for the gap to the next one
_EDGES = 1


def fitting_widths(
    columns: Sequence[Sequence[str]], wraps: Sequence[bool], width: int
) -> list[int] | None:
    """Find widths at which no word is broken.

    Args:
        columns: the cells of every column, its heading first.
        wraps: whether the cells of a column may be wrapped between words; headings always may.
        width: of the whole table.

    Returns:
        A width per column; None where the table cannot be that narrow.

    Examples:
        >>> fitting_widths([["proxy", "flops"], ["what", "operations of a network"]], [False, True], 30)
        [5, 18]
    """
    widths = [max(map(cell_len, cells)) for cells in columns]
    least = [
        longest_word(cells) if wrap else max(longest_word(cells[:1]), *map(cell_len, cells[1:]), 0)
        for cells, wrap in zip(columns, wraps, strict=True)
    ]
    excess = sum(widths) + _SPARE * len(widths) + _EDGES - width
    while excess > 0:
        places = [place for place, wide in enumerate(widths) if wide > least[place]]
        if not places:
            return None
        widths[max(places, key=widths.__getitem__)] -= 1
        excess -= 1
    return widths


def longest_word(cells: Iterable[str]) -> int:
    """Return the width of the longest word."""
    return max((cell_len(word) for cell in cells for word in cell.split()), default=0)


def packed(widths: Sequence[int], beside: int, width: int) -> list[list[int]]:
    """Divide columns among tables, in order.

    Args:
        widths: of the columns.
        beside: the width of the columns that every table has, with their gaps.
        width: of a table.

    Returns:
        The places of the columns of every table; one column at least.

    Examples:
        >>> packed([20, 20, 20], 20, 80)
        [[0, 1], [2]]
    """
    tables: list[list[int]] = []
    free = 0
    for place, wide in enumerate(widths):
        if not tables or wide + _SPARE > free:
            tables.append([])
            free = width - beside - _EDGES
        tables[-1].append(place)
        free -= wide + _SPARE
    return tables


def spaced(*widths: int) -> int:
    """Return the width of some columns with their gaps."""
    return sum(widths) + _SPARE * len(widths)


def wrapped(text: str, width: int) -> list[str]:
    """Divide a text into lines between its words; a word that is longer stays whole.

    Examples:
        >>> wrapped("seven million words", 8)
        ['seven', 'million', 'words']
    """
    return [
        part
        for line in text.split("\n")
        for part in textwrap.wrap(
            line, max(1, width), break_long_words=False, break_on_hyphens=False
        )
        or [""]
    ]
