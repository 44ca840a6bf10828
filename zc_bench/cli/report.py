"""`zc-bench report`: everything about some stores on one page."""

from pathlib import Path
from typing import Annotated

import typer

from zc_bench._internal.files import write_text
from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.cli.options import InvalidOption
from zc_bench.report import find, read_sources, render
from zc_bench.report.page import POINTS

app = new_app()


@app.command()
def report(
    stores: Annotated[list[Path], typer.Argument(help="Stores: the .h5 files of runs.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The page.", show_default="report.html beside the first store"),
    ] = None,
    invalid: InvalidOption = "worst",
    points: Annotated[
        int, typer.Option(min=1, help="Points that a scatter plot holds at most.")
    ] = POINTS,
) -> None:
    """Write a page that explains stores.

    Tables, heat map, points with their cells, costs, origins.
    """
    sources = read_sources(stores)
    for source in sources:
        if source.lacking:
            console.say(f"{source.contents.space} goes without ground truth: {source.lacking}")
    page = out or stores[0].with_name("report.html")
    text = render(find(sources, invalid=invalid), limit=points)
    write_text(page, text)
    console.say(f"Written to {page} ({page.stat().st_size / 1e6:.1f} MB).")
