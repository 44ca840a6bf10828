"""The style of figures, and writing them."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.style
from matplotlib.figure import Figure

from zc_bench._internal.files import replacing

TEXT = 8.0  # points, at the width of a page
# Okabe and Ito's colours for the colour-blind, with dashes for grey print.
LOOKS = (("#0072b2", "-"), ("#d55e00", "--"), ("#009e73", "-."), ("#cc79a7", ":"))
# Both ends of the colour map are dark. Beyond this value, text is white.
DARK = 0.68
_STYLE = {"font.family": "DejaVu Sans", "font.size": TEXT, "pdf.fonttype": 42}


def style(further: Mapping[str, object] | None = None) -> AbstractContextManager[None]:
    """Set the style of zc-bench while the block lasts, whatever the user's settings of matplotlib.

    Args:
        further: additional settings of one figure.
    """
    return matplotlib.style.context(["default", {**_STYLE, **(further or {})}])


def save(figure: Figure, folder: Path, stem: str) -> tuple[Path, Path]:
    """Write a figure as PNG (300 dots per inch) and as PDF (vectors, fonts embedded).

    The same figure gives the same bytes: the files hold no date.

    Args:
        figure: the figure.
        folder: the folder, which is created.
        stem: the file name without its ending; files of this name are replaced.

    Returns:
        The paths of the PNG and of the PDF.
    """
    png, pdf = folder / f"{stem}.png", folder / f"{stem}.pdf"
    with style():
        _write(png, figure, format="png", dpi=300)
        _write(pdf, figure, format="pdf", metadata={"CreationDate": None})
    return png, pdf


def _write(path: Path, figure: Figure, **options: Any) -> None:
    """Draw in memory, then write: matplotlib reports a full disk too late."""
    drawn = BytesIO()
    figure.savefig(drawn, bbox_inches="tight", **options)
    with replacing(path) as temporary:
        temporary.write_bytes(drawn.getbuffer())


def two_decimals(value: float) -> str:
    """Format a number with a true minus sign, and zero without a sign."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "\N{MINUS SIGN}")
