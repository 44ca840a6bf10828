"""`zc-bench reproduce`: a figure or table of the SWAP-NAS paper."""

import math
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.cli.options import (
    SEEDS,
    BudgetOption,
    DeviceOption,
    FreshOption,
    InvalidOption,
    OutOption,
    QuietOption,
    SchedulerOption,
    ThreadsOption,
    WorkersOption,
    names_in,
)
from zc_bench.cli.report_tables import show_report
from zc_bench.paper.catalogue import FIGURES
from zc_bench.paper.catalogue import reproduce as reproduce_figure

app = new_app()


@app.command()
def reproduce(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(FIGURES)}, or a plug-in's.")],
    samples: Annotated[
        int | None, typer.Option(help="Architectures per seed.", show_default="the experiment's")
    ] = None,
    seeds: Annotated[str | None, typer.Option(help=SEEDS, show_default="the experiment's")] = None,
    spaces: Annotated[
        list[str] | None,
        typer.Option(
            "--spaces",
            "--space",
            help="Search spaces, separated by commas.",
            show_default="the experiment's",
        ),
    ] = None,
    all_tasks: Annotated[
        bool,
        typer.Option("--all-tasks", help="All tasks with ground truth: 19 columns instead of 13."),
    ] = False,
    published: Annotated[
        Path | None,
        typer.Option(
            help="figure4: table of published correlations.", show_default="NAS-Bench-Suite-Zero's"
        ),
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option(help="Images: auto, noise, or a path.", show_default="the experiment's"),
    ] = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = 1,
    threads: ThreadsOption = None,
    scheduler: SchedulerOption = None,
    budget: BudgetOption = None,
    invalid: InvalidOption = "worst",
    out: OutOption = None,
    fresh: FreshOption = False,
    quiet: QuietOption = False,
) -> None:
    """Reproduce a figure or table of SWAP-NAS (arXiv:2403.04161), or of a plug-in.

    Pictures and their data go to the folder, scores to a store per search space.
    """
    console.silence(quiet)
    made = reproduce_figure(
        name,
        folder=out,
        samples=samples,
        seeds=seeds,
        spaces=names_in(spaces),
        all_tasks=all_tasks,
        inputs=inputs,
        published=published,
        device=device,
        workers=workers,
        threads=threads,
        scheduler=scheduler,
        budget=budget,
        invalid=invalid,
        fresh=fresh,
        progress=not quiet,
    )
    if made.ranking is not None:
        show_report(made.ranking)
    if made.summary is not None:
        _show_table(made.summary, made.title)
    if made.interrupted:
        raise typer.Exit(130)


def _show_table(frame: pd.DataFrame, title: str) -> None:
    """Print a table, numbers to the right."""
    numbers = {
        str(name): "right" if pd.api.types.is_numeric_dtype(kind) else "left"
        for name, kind in frame.dtypes.items()
    }
    rows = [tuple(_cell(value) for value in row) for row in frame.itertuples(index=False)]
    console.show_table(numbers, rows, title)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "N/A" if math.isnan(value) else f"{value:.3g}"
    return str(value)
