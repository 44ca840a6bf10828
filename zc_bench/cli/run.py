"""`zc-bench run`: a whole experiment, several spaces in one file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from zc_bench.cli.app import app
from zc_bench.cli.computing import (
    REPORT,
    How,
    as_json,
    compute,
    correlate_and_show,
    with_ground_truth,
    write,
)
from zc_bench.cli.options import (
    BudgetOption,
    DedupOption,
    DeviceOption,
    FreshOption,
    InvalidOption,
    OutOption,
    QuietOption,
    SchedulerOption,
    ThreadsOption,
    TruthOption,
    WorkersOption,
    names_in,
)
from zc_bench.errors import ZcBenchError
from zc_bench.experiment import Experiment
from zc_bench.spec import Spec


@app.command()
def run(
    spec: Annotated[
        Path, typer.Argument(help="The experiment, such as benchmarks/specs/figure4.toml.")
    ],
    samples: Annotated[
        int | None, typer.Option(help="Architectures per seed.", show_default="the file's")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Independent runs.", show_default="the file's")
    ] = None,
    dedup: DedupOption = False,
    proxies: Annotated[
        str, typer.Option(help="Proxies, separated by commas.", show_default="the file's")
    ] = "",
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
    quiet: QuietOption = False,
) -> None:
    """Run an experiment: several spaces that share the time, one report over all of them."""
    protocol = {"batch_size": batch_size, "inputs": inputs}
    changes: dict[str, Any] = {
        "samples": samples,
        "seeds": seeds,
        "dedup": dedup or None,
        "truth": truth,
    }
    changes["proxies"] = names_in(proxies) or None
    how = How(device, budget, workers, threads, scheduler, invalid, fresh, quiet)
    runs = with_ground_truth([_changed(one, changes, protocol) for one in _read(spec).runs], how)
    folder = out or Path("results") / spec.stem
    folders = [folder / one.space for one in runs]
    computed = compute(runs, [home / "scores.h5" for home in folders], how)
    report = correlate_and_show(computed.rows, how)
    write(report, folder, "experiment.toml", computed.experiment.to_toml())
    for home, about in zip(folders, computed.about, strict=True):
        of_space = report.correlations["space"] == home.name
        if of_space.any():
            part = replace(
                report, correlations=report.correlations[of_space].reset_index(drop=True)
            )
            write(part, home, "run.json", as_json(about))
    how.say(
        f"Written to {folder}: {REPORT}, experiment.toml; to a folder per space: the same, run.json, scores.h5."
    )
    if computed.interrupted:
        raise typer.Exit(130)


def _read(path: Path) -> Experiment:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        message = f"The experiment {path} cannot be read ({reason}): give the path of a file like figure4.toml."
        raise ZcBenchError(message) from error
    return Experiment.from_toml(text)


def _changed(spec: Spec, changes: Mapping[str, Any], protocol: Mapping[str, Any]) -> Spec:
    """Let options override what the file says; None overrides nothing."""
    given, of_protocol = (
        {name: value for name, value in values.items() if value is not None}
        for values in (changes, protocol)
    )
    return replace(spec, **given, protocol=replace(spec.protocol, **of_protocol))
