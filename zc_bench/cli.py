"""The command line: parse, call, print."""

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from zc_bench import console, figures
from zc_bench._memory import keep_freed_memory
from zc_bench.correlate import Report
from zc_bench.correlate import correlate as correlate_rows
from zc_bench.durations import format_duration, parse_duration
from zc_bench.environment import differences
from zc_bench.errors import ZcBenchError
from zc_bench.evaluate import Progress, Run, find_device, prepare, run_trials, with_truth
from zc_bench.files import explaining, replacing
from zc_bench.inputs import find_images
from zc_bench.lab import Lab
from zc_bench.observe import Score, Status, plan
from zc_bench.observe import proxies as known_proxies
from zc_bench.passes.trial import Trial
from zc_bench.presets import presets
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.registry import load_plugins
from zc_bench.saying import quietly
from zc_bench.spaces import spaces
from zc_bench.spec import Protocol, Spec
from zc_bench.store import Store, TrialKey
from zc_bench.tables import describe_tables
from zc_bench.tasks import tasks

app = typer.Typer(
    help="Zero-cost NAS proxies on real search spaces.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

SpaceOption = Annotated[str, typer.Option(help="Search space: see `zc-bench list spaces`.")]
ProxiesOption = Annotated[
    str, typer.Option(help="Proxies, separated by commas: see `zc-bench list proxies`. [default: all]")
]
InputsOption = Annotated[
    str, typer.Option(help="Images: auto, noise, or a path to an .npz file or a folder like the data folder.")
]
PresetOption = Annotated[
    str, typer.Option(help="Protocol by name: swap-paper, suite-zero (N = 64), swap-repo (N = 16, 32 N(0,1) networks).")
]
BatchOption = Annotated[int | None, typer.Option(help="N, images per batch. [default: the preset's]")]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, ...")]
MuOption = Annotated[float | None, typer.Option(help="Centre of reg_swap's bell, in the preset's size unit.")]
SigmaOption = Annotated[float | None, typer.Option(help="Width of reg_swap's bell, in the preset's size unit.")]


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
    protocol = _protocol(preset, batch_size, inputs, mu, sigma)
    spec = Spec(space, tuple(task or ()), _names(proxies), samples, seeds, protocol)
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


@app.command()
def score(
    space: SpaceOption,
    arch: Annotated[str, typer.Option(help="Architecture: its key, or its authors' string.")],
    task: Annotated[str, typer.Option(help="Task: see `zc-bench list tasks`.")],
    seed: Annotated[int, typer.Option(help="Seed of weights and batch.")] = 0,
    proxies: ProxiesOption = "",
    preset: PresetOption = "swap-paper",
    batch_size: BatchOption = None,
    inputs: InputsOption = "auto",
    mu: MuOption = None,
    sigma: SigmaOption = None,
    device: DeviceOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score one architecture: the same numbers as in a run with that seed."""
    architecture = spaces[space].parse(arch)
    pool = find_images(tasks[task], inputs)
    lab = Lab(space, _protocol(preset, batch_size, inputs, mu, sigma), {task: pool}, find_device(device))
    names = _names(proxies) or tuple(known_proxies)
    scores = lab.observe(TrialKey(task, architecture.key, seed), names).scores
    if as_json:
        trial = {"space": space, "task": task, "architecture": architecture.key, "seed": seed, "images": pool.source}
        document = {**trial, "scores": {name: _json_score(scores[name]) for name in names}}
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    console.say(f"{architecture} = {spaces[space].native(architecture)}; seed {seed}; images: {pool.source}")
    console.show_scores({name: scores[name] for name in names})


def _json_score(score: Score) -> dict[str, object]:
    """NaN is no JSON: where there is no value there is none."""
    value = score.value if score.status is Status.DONE else None
    return {"value": value, "status": str(score.status), "reason": score.reason}


@app.command(name="list")
def list_names(
    kind: Annotated[Literal["proxies", "spaces", "tasks", "tables"], typer.Argument(help="What to list.")],
) -> None:
    """List what there is."""
    {"proxies": _list_proxies, "spaces": _list_spaces, "tasks": _list_tasks, "tables": _list_tables}[kind]()


def _list_proxies() -> None:
    console.show_proxies(known_proxies.values())


def _list_spaces() -> None:
    rows = [(space.name, f"{space.size:,}", ", ".join(space.tasks)) for space in spaces.values()]
    console.show_table({"space": "left", "architectures": "right", "tasks": "left"}, rows)


def _list_tasks() -> None:
    rows = [
        (task.name, str(task.classes), f"3 x {task.image_size} x {task.image_size}", task.metric)
        for task in tasks.values()
    ]
    console.show_table({"task": "left", "classes": "right", "images": "left", "ground truth": "left"}, rows)


def _list_tables() -> None:
    rows = [
        (table.space, table.file, "yes" if table.present else "no", ", ".join(table.tasks), table.licence, table.url)
        for table in describe_tables()
    ]
    console.show_table(dict.fromkeys(("space", "file", "here", "tasks", "licence", "from"), "left"), rows)


@app.command()
def explain(proxies: ProxiesOption = "") -> None:
    """Show which passes over the network run, each once, and which proxies they serve."""
    console.show_plan(plan(_names(proxies) or known_proxies, (Trial, Regularisation)))


def _protocol(preset: str, batch_size: int | None, inputs: str, mu: float | None, sigma: float | None) -> Protocol:
    """Take a preset and what the options say otherwise."""
    protocol = replace(presets[preset], inputs=inputs, mu=mu, sigma=sigma)
    return protocol if batch_size is None else replace(protocol, batch_size=batch_size)


def _names(text: str) -> tuple[str, ...]:
    """Split a comma-separated list."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def main() -> None:
    """Run the command line; what the user can mend is one sentence and exit status 2."""
    keep_freed_memory()
    for broken in load_plugins():
        console.say(str(broken))
    try:
        app()
    except ZcBenchError as error:
        console.fail(str(error))
        sys.exit(2)
