"""`zc-bench search`: SWAP-NAS and other searches on a search space."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.cli.options import (
    BatchOption,
    DeviceOption,
    InputsOption,
    MuOption,
    QuietOption,
    SchedulerOption,
    SigmaOption,
    ThreadsOption,
    WorkersOption,
    names_in,
)
from zc_bench.searches.api import search as run_search

app = new_app()


@app.command()
def search(
    space: Annotated[
        str,
        typer.Option(
            help="Search space: see `zc-bench list spaces`; darts stacks what darts_search finds."
        ),
    ],
    task: Annotated[
        str, typer.Option("--task", "--dataset", help="Task: see `zc-bench list tasks`.")
    ] = "cifar10",
    proxies: Annotated[
        str,
        typer.Option(
            "--proxies",
            "--proxy",
            help="The guide; several, separated by commas, guide by their ranks.",
        ),
    ] = "reg_swap",
    algorithm: Annotated[
        str,
        typer.Option(
            help="One or several, separated by commas: swap_nas, random_search, aging_evolution, local_search."
        ),
    ] = "swap_nas",
    population: Annotated[int, typer.Option(help="P, candidates at a time.")] = 20,
    cycles: Annotated[
        int | None,
        typer.Option(
            help="C, cycles of SWAP-NAS.", show_default="as many as there are evaluations"
        ),
    ] = None,
    sample: Annotated[
        int | None, typer.Option(help="S, size of a tournament.", show_default="half of P")
    ] = None,
    mutations: Annotated[int, typer.Option(help="Children per cycle.")] = 5,
    evaluations: Annotated[
        int, typer.Option(help="Architectures scored per search, at most.")
    ] = 300,
    seeds: Annotated[
        str, typer.Option(help="Independent searches: how many, or which (3:5 is 3 and 4).")
    ] = "1",
    max_params: Annotated[
        int | None, typer.Option(help="Larger networks are not considered.")
    ] = None,
    max_flops: Annotated[
        int | None,
        typer.Option(help="Multiply-adds per image; costlier networks are not considered."),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(help="Protocol by name.", show_default="swap-nas for darts, else swap-paper"),
    ] = None,
    batch_size: BatchOption = None,
    inputs: InputsOption = "auto",
    mu: MuOption = None,
    sigma: SigmaOption = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = 1,
    threads: ThreadsOption = None,
    scheduler: SchedulerOption = None,
    budget: Annotated[str, typer.Option(help="Stop in time, e.g. 90s, 10m, 2h, none.")] = "none",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the results.", show_default="results/search-<space>-<task>"),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Search for good architectures, guided by a proxy; no network is trained."""
    console.silence(quiet)
    folder = out or Path("results") / f"search-{space}-{task}"
    result = run_search(
        space,
        task=task,
        guide=names_in(proxies),
        algorithm=names_in(algorithm),
        evaluations=evaluations,
        seeds=seeds,
        population=population,
        cycles=cycles,
        sample=sample,
        mutations=mutations,
        max_params=max_params,
        max_flops=max_flops,
        protocol=preset,
        batch_size=batch_size,
        inputs=inputs,
        mu=mu,
        sigma=sigma,
        store=folder / "scores.h5",
        device=device,
        workers=workers,
        threads=threads,
        scheduler=scheduler,
        budget=budget,
        progress=not quiet,
    )
    result.save(folder)
    numbers = ("seed", "scored", "parameters", "score", "truth", "regret", "rank")
    found = result.found.to_dict("records")
    columns = {"search": "left", **dict.fromkeys(numbers, "right")}
    console.show_table(columns, [_row(item) for item in found])
    console.show_facts(
        {f"{item['algorithm']}, seed {item['seed']}": str(item["native"]) for item in found}
    )
    console.log(f"Written to {folder}: found.json, history.csv, cells.png and more.")
    if result.interrupted:
        raise typer.Exit(130)


def _row(item: Mapping[Hashable, Any]) -> tuple[str, ...]:
    """Write what one search found."""
    stacked = "" if pd.isna(item["stacked"]) else f"; stacked {int(item['stacked']):,}"
    known = not pd.isna(item["truth"])
    return (
        str(item["algorithm"]),
        str(item["seed"]),
        str(item["scored"]),
        f"{item['parameters']:,}{stacked}",
        ", ".join(f"{value:.6g}" for value in item["values"]),
        f"{item['truth']:.2f}" if known else "unknown",
        f"{item['regret']:.2f}" if known else "unknown",
        f"{int(item['rank']):,}" if known else "unknown",
    )
