"""`zc-bench compare`: which of several proxies is better, and is the difference chance?"""

from pathlib import Path
from typing import Annotated

import typer

from zc_bench.audits import compare as compare_proxies
from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.cli.audit import SpacesOption, StoresOption
from zc_bench.cli.audit_tables import show_comparison
from zc_bench.cli.options import InvalidOption, TasksOption, names_in

app = new_app()


@app.command()
def compare(
    proxies: Annotated[list[str], typer.Argument(help="Two proxies or more.")],
    space: SpacesOption = None,
    task: TasksOption = None,
    store: StoresOption = None,
    invalid: InvalidOption = "worst",
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples per seed.")] = 1000,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the tables.", show_default="results/compare/<proxies>"),
    ] = None,
) -> None:
    """Compare proxies: paired differences, critical difference, agreement, information.

    Nothing is computed on networks: stored scores are read.
    """
    names = names_in(proxies)
    found = compare_proxies(
        *names,
        space=names_in(space) or None,
        tasks=names_in(task) or None,
        stores=store,
        invalid=invalid,
        resamples=resamples,
    )
    folder = out or Path("results") / "compare" / "-".join(names)
    try:
        found.save(folder)
    finally:
        show_comparison(found)
    figure = "" if found.ranks.empty else ", critical_difference.png, critical_difference.pdf"
    console.log(f"Written to {folder}: a CSV file per table{figure}.")
