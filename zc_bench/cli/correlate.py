"""`zc-bench correlate`: trials, table, heat map."""

from pathlib import Path
from typing import Annotated

import typer

from zc_bench.cli.app import app
from zc_bench.cli.computing import REPORT, How, as_json, compute, correlate_and_show, write
from zc_bench.cli.options import (
    BatchOption,
    BudgetOption,
    DedupOption,
    DeviceOption,
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
    ThreadsOption,
    TruthOption,
    WorkersOption,
    names_in,
    protocol_from,
)
from zc_bench.spec import Spec


@app.command()
def correlate(
    space: SpaceOption,
    task: Annotated[
        list[str] | None,
        typer.Option(
            help="Task; may be given several times.", show_default="all with ground truth"
        ),
    ] = None,
    samples: Annotated[int, typer.Option(help="Architectures per seed.")] = 1000,
    seeds: Annotated[
        int, typer.Option(help="Independent runs: own architectures, batch and weights each.")
    ] = 5,
    dedup: DedupOption = False,
    proxies: ProxiesOption = "",
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
    quiet: QuietOption = False,
) -> None:
    """Correlate proxies with the ground truth of a search space, and draw the heat map."""
    protocol = protocol_from(preset, batch_size, inputs, mu, sigma)
    spec = Spec(
        space, tuple(task or ()), names_in(proxies), samples, seeds, dedup, truth or "", protocol
    )
    home = Path("results") / space
    folder = out or (home / Path(truth).stem if truth else home)
    scores = store or (out or home) / "scores.h5"
    how = How(device, budget, workers, threads, scheduler, invalid, fresh, quiet)
    computed = compute([spec], [scores], how)
    report = correlate_and_show(computed.rows, how)
    write(report, folder, "run.json", as_json(computed.about[0]))
    how.say(f"Written to {folder}: {REPORT}, run.json. Scores: {scores}.")
    if computed.interrupted:
        raise typer.Exit(130)
