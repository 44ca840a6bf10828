"""What the parity page says about a proxy."""

from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "parity.md"


def rows(proxy: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield section, n, agreement with published scores and agreement between our seeds, as the page has them."""
    section = ""
    columns: list[str] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("#"):
            section, columns = line.strip("# "), []
        elif cells[0] == "proxy":
            columns = cells
        elif cells[0] == proxy and {"n", "with published", "between our seeds"} <= set(columns):
            found = dict(zip(columns, cells, strict=True))
            yield section, found["n"], found["with published"], found["between our seeds"]
