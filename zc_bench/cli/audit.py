"""`zc-bench audit`: what a sceptical reviewer asks of a proxy."""

from pathlib import Path
from typing import Annotated

import typer

from zc_bench.audits import audit as audit_proxy
from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.cli.audit_tables import show_findings
from zc_bench.cli.options import InvalidOption, TasksOption, names_in

app = new_app()

StoresOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--store", help="Store of a run, may be repeated.", show_default="the shipped scores"
    ),
]
SpacesOption = Annotated[
    list[str] | None,
    typer.Option("--space", help="Search spaces, separated by commas.", show_default="all"),
]


@app.command()
def audit(
    proxy: Annotated[str, typer.Argument(help="A proxy: see `zc-bench list proxies`.")],
    space: SpacesOption = None,
    task: TasksOption = None,
    store: StoresOption = None,
    invalid: InvalidOption = "worst",
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples per seed.")] = 400,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the page and the tables.", show_default="results/audit/<proxy>"
        ),
    ] = None,
) -> None:
    """Audit a proxy: is it more than depth and size, and what does it do at the top?

    Nothing is computed on networks: stored scores are read.
    """
    found = audit_proxy(
        proxy,
        names_in(space) or None,
        tasks=names_in(task) or None,
        stores=store,
        invalid=invalid,
        resamples=resamples,
    )
    folder = out or Path("results") / "audit" / proxy
    try:
        found.save(folder)
    finally:
        show_findings(found)
    console.log(f"Written to {folder}: audit.html, and a CSV file per table.")
