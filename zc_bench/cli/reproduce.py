"""`zc-bench reproduce`: a figure or table of the SWAP-NAS paper."""

from pathlib import Path
from typing import Annotated

import typer

from zc_bench.cli.app import new_app
from zc_bench.cli.computing import How
from zc_bench.cli.options import (
    BudgetOption,
    DeviceOption,
    FreshOption,
    InvalidOption,
    OfflineOption,
    OutOption,
    QuietOption,
    SchedulerOption,
    ThreadsOption,
    WorkersOption,
    names_in,
)
from zc_bench.cli.paper import FIGURES, reproductions
from zc_bench.cli.request import Request
from zc_bench.errors import unknown_name
from zc_bench.spaces import space_registry as known_spaces

app = new_app()


@app.command()
def reproduce(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(FIGURES)}, or a plug-in's.")],
    samples: Annotated[
        int | None, typer.Option(help="Architectures per seed.", show_default="1000")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Independent runs.", show_default="the experiment's")
    ] = None,
    spaces: Annotated[
        str,
        typer.Option(
            help="Only these search spaces, separated by commas.", show_default="the paper's"
        ),
    ] = "",
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
        str | None, typer.Option(help="Images: auto, noise, or a path.", show_default="auto")
    ] = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = 1,
    threads: ThreadsOption = None,
    scheduler: SchedulerOption = None,
    budget: BudgetOption = None,
    invalid: InvalidOption = "worst",
    out: OutOption = None,
    fresh: FreshOption = False,
    offline: OfflineOption = False,
    quiet: QuietOption = False,
) -> None:
    """Reproduce a figure or table of SWAP-NAS (arXiv:2403.04161), or of a plug-in: pictures, and their data as CSV.

    Scores go to a store per search space, which the figures of an experiment share.
    """
    known = reproductions()
    if name not in known:
        raise unknown_name(kind="figure or table", name=name, known=known)
    figure = known[name]
    how = How(device, budget, workers, threads, scheduler, invalid, fresh, offline, quiet)
    chosen = tuple(known_spaces[space].name for space in names_in(spaces))
    request = Request(
        name,
        out or Path("results") / figure.experiment,
        how,
        samples,
        seeds,
        chosen,
        all_tasks,
        inputs,
        published,
    )
    if figure.make(request):
        raise typer.Exit(130)
