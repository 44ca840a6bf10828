"""Data frames as tables of a page."""

import math
from collections.abc import Mapping, Sequence
from numbers import Integral, Real

import pandas as pd

from zc_bench.report.colours import shade
from zc_bench.report.tables import Cell, Sheet

_MINUS = "\N{MINUS SIGN}"


def sheet_of(
    name: str,
    caption: str,
    frame: pd.DataFrame,
    headings: Mapping[str, str],
    coloured: Sequence[str] = (),
) -> Sheet:
    """Arrange a data frame as a table.

    Args:
        name: the id of the table.
        caption: its caption.
        frame: its rows.
        headings: the columns that are shown, in this order, with their headings.
        coloured: columns of correlations, which have the colours of the heat map.

    Returns:
        The table. A p-value has the name p or p_..., and is written as one.
    """
    rows = [
        [
            _cell(column, value, column in coloured)
            for column, value in zip(headings, row, strict=True)
        ]
        for row in frame[list(headings)].itertuples(index=False)
    ]
    return Sheet(name, caption, list(headings.values()), rows)


def text_of(value: object) -> str:
    """Write a value for a table: whole numbers as they are, others with three digits or decimals.

    Examples:
        >>> text_of(1234), text_of(-0.1234), text_of(0.00001234), text_of("swap")
        ('1,234', '−0.123', '1.23e−05', 'swap')
    """
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, Integral):
        return f"{int(value):,}"
    if not isinstance(value, Real) or math.isnan(value):
        return ""
    size = abs(number := float(value))
    decimals = 3 if size < 10 else 1 if size < 1000 else 0
    text = f"{number:.3g}" if 0 < size < 0.001 else f"{number + 0.0:,.{decimals}f}"
    return text.replace("-", _MINUS)


def _cell(column: str, value: object, coloured: bool) -> Cell:
    is_p = column.startswith("p_")
    text = "<0.001" if is_p and isinstance(value, Real) and float(value) < 0.001 else text_of(value)
    if isinstance(value, str):
        return Cell(text, value)
    key = float(value) if isinstance(value, Real) and not math.isnan(value) else None
    shaded = shade(float(value)) if coloured and isinstance(value, Real) else ""
    return Cell(text, None if key is None else float(f"{key:.6g}"), shade=shaded)
