"""`zc-bench run`: a whole experiment, several spaces in one file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from zc_bench.benchmark import run as run_benchmark
from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.cli.correlate import REPORT, save_and_show
from zc_bench.cli.options import (
    SEEDS,
    BudgetOption,
    DedupOption,
    DeviceOption,
    DryRunOption,
    FreshOption,
    InvalidOption,
    OutOption,
    ProxiesOption,
    QuietOption,
    SchedulerOption,
    ThreadsOption,
    TruthOption,
    WorkersOption,
    names_in,
)
from zc_bench.cli.report_tables import show_estimate
from zc_bench.costs import estimate

app = new_app()


@app.command()
def run(
    spec: Annotated[
        Path, typer.Argument(help="The experiment: a TOML file, or the name of one of the paper's.")
    ],
    samples: Annotated[
        int | None, typer.Option(help="Architectures per seed.", show_default="the file's")
    ] = None,
    seeds: Annotated[str | None, typer.Option(help=SEEDS, show_default="the file's")] = None,
    dedup: DedupOption = False,
    proxies: ProxiesOption = None,
    batch_size: Annotated[
        int | None, typer.Option(help="N, images per batch.", show_default="the file's")
    ] = None,
    inputs: Annotated[
        str | None, typer.Option(help="Images: auto, noise, or a path.", show_default="the file's")
    ] = None,
    truth: TruthOption = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = 1,
    threads: ThreadsOption = None,
    scheduler: SchedulerOption = None,
    budget: BudgetOption = None,
    invalid: InvalidOption = "worst",
    out: OutOption = None,
    fresh: FreshOption = False,
    dry_run: DryRunOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run an experiment: several search spaces that share the time, one report over all of them."""
    console.silence(quiet)
    folder = out or Path("results") / spec.stem
    arguments: dict[str, Any] = {
        "samples": samples,
        "seeds": seeds,
        "dedup": dedup or None,
        "proxies": names_in(proxies) or None,
        "batch_size": batch_size,
        "inputs": inputs,
        "truth": truth,
        "folder": folder,
        "fresh": fresh,
        "device": device,
        "workers": workers,
        "threads": threads,
        "scheduler": scheduler,
        "budget": budget,
        "invalid": invalid,
        "progress": not quiet,
    }
    if dry_run:
        show_estimate(estimate(spec, **arguments))
        return
    result = run_benchmark(spec, **arguments)
    per_space = "to a folder per space: the same, run.json, scores.h5"
    save_and_show(result, folder, f"{REPORT}, experiment.toml; {per_space}", per_space=True)
