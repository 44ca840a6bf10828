"""`zc-bench correlate`: trials, table, heat map."""

import json
import math
from pathlib import Path
from typing import Annotated, Literal

import typer

from zc_bench import console, figures
from zc_bench.cli.app import app
from zc_bench.cli.options import (
    BatchOption,
    DeviceOption,
    InputsOption,
    MuOption,
    PresetOption,
    ProxiesOption,
    SigmaOption,
    SpaceOption,
    names_in,
    protocol_from,
)
from zc_bench.correlate import Report
from zc_bench.correlate import correlate as correlate_rows
from zc_bench.durations import format_duration, parse_duration
from zc_bench.environment import differences
from zc_bench.evaluate import Progress, Run, prepare, run_trials, with_truth
from zc_bench.files import explaining, replacing
from zc_bench.observe import proxies as known_proxies
from zc_bench.saying import quietly
from zc_bench.spec import Spec
from zc_bench.store import Store


@app.command()
def correlate(
    space: SpaceOption,
    task: Annotated[
        list[str] | None, typer.Option(help="Task; may be given several times. [default: all with ground truth]")
    ] = None,
    samples: Annotated[int, typer.Option(help="Architectures per seed.")] = 1000,
    seeds: Annotated[int, typer.Option(help="Independent runs: own architectures, batch and weights each.")] = 5,
    proxies: ProxiesOption = "",
    preset: PresetOption = "swap-paper",
    batch_size: BatchOption = None,
    inputs: InputsOption = "auto",
    mu: MuOption = None,
    sigma: SigmaOption = None,
    device: DeviceOption = "auto",
    budget: Annotated[
        str | None, typer.Option(help="Stop in time, e.g. 90s, 10m, 2h, none. [default: none on a GPU, else 10m]")
    ] = None,
    invalid: Annotated[
        Literal["worst", "drop"], typer.Option(help="Rank invalid scores worst, or leave them out.")
    ] = "worst",
    out: Annotated[Path | None, typer.Option(help="Folder of the results. [default: results/<space>]")] = None,
    store: Annotated[Path | None, typer.Option(help="File of the scores. [default: <out>/scores.h5]")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over; old scores are set aside.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Never try to download.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the table and errors only.")] = False,
) -> None:
    """Correlate proxies with the ground truth of a search space, and draw the heat map."""
    seconds = None if budget is None else parse_duration(budget)
    protocol = protocol_from(preset, batch_size, inputs, mu, sigma)
    spec = Spec(space, tuple(task or ()), names_in(proxies), samples, seeds, protocol)
    say = quietly if quiet else console.say
    run = prepare(spec, device=device, offline=offline, say=say)
    folder = out or Path("results") / space
    scores = store or folder / "scores.h5"
    if seconds is None:
        seconds = math.inf if run.lab.device.type == "cuda" else 600.0
    about = run.about()
    with Store(scores, run.lab.identity(), about, fresh=fresh) as opened:
        if changed := differences(opened.about_before.get("environment", {}), about["environment"]):
            say(f"The store was begun under other conditions ({changed}): the last digits of scores may differ.")
        interrupted = _compute(run, opened, seconds, quiet)
        rows = with_truth(opened.contents, run)
    if interrupted and rows.empty:
        raise typer.Exit(130)
    report = correlate_rows(
        rows,
        higher_is_better={name: entry.higher_is_better for name, entry in known_proxies.items()},
        invalid=invalid,
    )
    console.show_report(report)
    _write(report, run, folder)
    say(f"Written to {folder}: spearman.csv, correlations.csv, heatmap.png, heatmap.pdf, run.json. Scores: {scores}.")
    if interrupted:
        raise typer.Exit(130)


def _write(report: Report, run: Run, folder: Path) -> None:
    with explaining(folder):
        report.write(folder)
        figures.save(figures.heatmap(report), folder, "heatmap")
        with replacing(folder / "run.json") as path:
            path.write_text(json.dumps(run.about(), indent=2, ensure_ascii=False) + "\n")


def _compute(run: Run, store: Store, budget: float, quiet: bool) -> bool:
    """Compute trials under a progress bar; return whether Ctrl-C ended it."""
    progress = Progress(0, 0, 0, 0)
    interrupted = False
    with console.progress_bar(quiet) as bar:
        try:
            for progress in run_trials(run, store, budget):
                bar.show(progress)
        except KeyboardInterrupt:
            interrupted = True
    left = progress.total - progress.finished
    if left and not quiet:
        why = "Stopped" if interrupted else f"The budget of {format_duration(budget)} is used up"
        console.say(
            f"{why}: {progress.finished} of {progress.total} trials are there. "
            "Run the same command again to go on; --budget none goes to the end."
        )
    return interrupted
