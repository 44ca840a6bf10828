"""`zc-bench correlate`: trials, table, heat map."""

from pathlib import Path
from typing import Annotated, Any

import typer

from zc_bench.benchmark import run
from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.cli.options import (
    SEEDS,
    BatchOption,
    BudgetOption,
    DedupOption,
    DeviceOption,
    DryRunOption,
    FreshOption,
    InputsOption,
    InvalidOption,
    MuOption,
    OutOption,
    PresetOption,
    ProxiesOption,
    QuietOption,
    SchedulerOption,
    SigmaOption,
    SpaceOption,
    TasksOption,
    ThreadsOption,
    TruthOption,
    WorkersOption,
    names_in,
)
from zc_bench.cli.report_tables import show_estimate, show_report
from zc_bench.costs import estimate
from zc_bench.result import Result

app = new_app()
REPORT = "spearman.csv, correlations.csv, heatmap.png, heatmap.pdf"


@app.command()
def correlate(
    space: SpaceOption,
    task: TasksOption = None,
    samples: Annotated[int, typer.Option(help="Architectures per seed.")] = 1000,
    seeds: Annotated[str, typer.Option(help=SEEDS)] = "5",
    dedup: DedupOption = False,
    proxies: ProxiesOption = None,
    preset: PresetOption = "swap-paper",
    batch_size: BatchOption = None,
    inputs: InputsOption = "auto",
    truth: TruthOption = None,
    mu: MuOption = None,
    sigma: SigmaOption = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = 1,
    threads: ThreadsOption = None,
    scheduler: SchedulerOption = None,
    budget: BudgetOption = None,
    invalid: InvalidOption = "worst",
    out: OutOption = None,
    store: Annotated[
        Path | None, typer.Option(help="File of the scores.", show_default="<out>/scores.h5")
    ] = None,
    fresh: FreshOption = False,
    dry_run: DryRunOption = False,
    quiet: QuietOption = False,
) -> None:
    """Correlate proxies with the ground truth of a search space, and draw the heat map."""
    console.silence(quiet)
    home = Path("results") / space
    folder = out or (home / Path(truth).stem if truth else home)
    arguments: dict[str, Any] = {
        "tasks": names_in(task),
        "proxies": names_in(proxies),
        "samples": samples,
        "seeds": seeds,
        "dedup": dedup,
        "protocol": preset,
        "batch_size": batch_size,
        "inputs": inputs,
        "mu": mu,
        "sigma": sigma,
        "truth": truth,
        "store": store or (out or home) / "scores.h5",
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
        show_estimate(estimate(space, **arguments))
        return
    result = run(space, **arguments)
    save_and_show(result, folder, f"{REPORT}, run.json. Scores: {result.stores[0]}")


def save_and_show(result: Result, folder: Path, written: str, *, per_space: bool = False) -> None:
    """Write the report of a run, and print it, even if it cannot be written.

    Args:
        result: the result.
        folder: where to.
        written: the files that are written there, in words.
        per_space: whether every search space has a folder of its own.

    Raises:
        typer.Exit: if Ctrl-C ended the run.
    """
    try:
        result.save(folder, per_space=per_space)
    finally:
        show_report(result.ranking)
    console.log(f"Written to {folder}: {written}.")
    if result.interrupted:
        raise typer.Exit(130)
