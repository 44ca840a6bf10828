"""`zc-bench search`: SWAP-NAS and its rivals on a search space."""

import json
import math
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from zc_bench import figures
from zc_bench._internal.durations import parse_duration
from zc_bench._internal.files import explaining, replacing
from zc_bench._internal.saying import quietly
from zc_bench.cli import console
from zc_bench.cli.app import app
from zc_bench.cli.options import (
    BatchOption,
    DeviceOption,
    InputsOption,
    MuOption,
    SchedulerOption,
    SigmaOption,
    ThreadsOption,
    WorkersOption,
    names_in,
    protocol_from,
)
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.errors import ZcBenchError
from zc_bench.execution import Progress, Workers, open_workers
from zc_bench.images import find_images
from zc_bench.search import (
    History,
    Limits,
    SearchSpec,
    Settings,
    algorithms,
    run_searches,
    searched_space,
    stack,
)
from zc_bench.spaces import Architecture, space_registry
from zc_bench.store import Store
from zc_bench.tables import Table, load_table
from zc_bench.tasks import Task, task_registry

# Sizes of one cell are counted in thousands.
_PRESETS = {"darts_search": "swap-nas"}


@app.command(name="search")
def search_command(
    space: Annotated[
        str,
        typer.Option(
            help="Search space: see `zc-bench list spaces`; darts stacks what darts_search finds."
        ),
    ],
    task: Annotated[
        str, typer.Option("--task", "--dataset", help="Task: see `zc-bench list tasks`.")
    ] = "cifar10",
    proxy: Annotated[
        str, typer.Option(help="The guide; several, separated by commas, guide by their ranks.")
    ] = "reg_swap",
    algorithm: Annotated[
        str, typer.Option(help=f"One or several of {', '.join(algorithms)}.")
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
        int, typer.Option(help="Independent searches: own draws, batch and weights each.")
    ] = 1,
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
    offline: Annotated[bool, typer.Option("--offline", help="Never try to download.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print results and errors only.")] = False,
) -> None:
    """Search for good architectures, guided by a proxy; no network is trained."""
    seconds = parse_duration(budget)
    searched = searched_space(space)
    spec = SearchSpec(
        searched,
        task,
        names_in(proxy),
        names_in(algorithm),
        Settings(population, cycles, sample, mutations),
        evaluations,
        seeds,
        Limits(max_params, max_flops),
    )
    say = quietly if quiet else console.say
    pool = find_images(task_registry[task], inputs)
    say(f"Images for {task}: {pool.source}")
    protocol = protocol_from(
        preset or _PRESETS.get(searched, "swap-paper"), batch_size, inputs, mu, sigma
    )
    folder = out or Path("results") / f"search-{space}-{task}"
    with open_workers(
        workers, device=device, threads=threads, scheduler=scheduler, say=say
    ) as crew:
        scorer = ArchitectureScorer(searched, protocol, {task: pool}, crew.device)
        about = {
            "search": asdict(spec),
            "environment": dict(crew.environment()),
            "images": {task: pool.source},
            "regularisation": {task: asdict(scorer.regularisation(task))},
        }
        with Store(folder / "scores.h5", scorer.identity(), about) as store:
            history, interrupted = _run(spec, scorer, store, crew, seconds, quiet)
    if history.evaluations:
        _report(history, _table(searched, offline), folder, about)
        say(
            f"Written to {folder}: found.json, history.csv, cells.png and more. Scores: {folder / 'scores.h5'}."
        )
    if interrupted:
        raise typer.Exit(130)


def _run(
    spec: SearchSpec,
    scorer: ArchitectureScorer,
    store: Store,
    workers: Workers,
    budget: float,
    quiet: bool,
) -> tuple[History, bool]:
    """Search under a progress bar; return what was found, and whether Ctrl-C ended it."""
    history = History(spec.space, spec.task, spec.proxies)
    start, known = time.monotonic(), len(store.contents.trials)
    total = spec.seeds * len(spec.algorithms) * spec.evaluations
    with console.progress_bar(quiet) as bar:
        try:
            for done, (name, seed, evaluation) in enumerate(
                run_searches(spec, scorer, store, workers), start=1
            ):
                history.add(name, seed, evaluation)
                seconds = time.monotonic() - start
                # What was in the store took no time, and says nothing of what is left.
                computed = len(store.contents.trials) - known
                left = (
                    min((total - done) * seconds / computed, max(0.0, budget - seconds))
                    if computed
                    else None
                )
                bar.show(Progress(done, total, computed, 0, seconds, left))
                if seconds > budget:
                    console.say(
                        "The budget is used up: run the same command again with a larger one to go on."
                    )
                    break
        except KeyboardInterrupt:
            console.say("Stopped: run the same command again to go on.")
            return history, True
    return history, False


def _table(space: str, offline: bool) -> Table | None:
    """Load ground truth if there is any: a search needs none."""
    try:
        return load_table(space, offline=offline)
    except ZcBenchError:
        return None


def _report(
    history: History, table: Table | None, folder: Path, about: Mapping[str, object]
) -> None:
    frame = history.frame(table)
    found = _found(history, frame)
    owner = space_registry[history.space]
    with explaining(folder):
        with replacing(folder / "history.csv") as path:
            frame.to_csv(path, index=False)
        with replacing(folder / "found.json") as path:
            path.write_text(
                json.dumps({**about, "found": found}, indent=2, ensure_ascii=False) + "\n",
                encoding="utf-8",
                errors="backslashreplace",
            )
        first = owner.parse(str(found[0]["architecture"]))
        figures.save(
            figures.draw_cells(owner.graphs(first), f"{history.space}, {history.task}"),
            folder,
            "cells",
        )
        if frame["truth_of_best"].notna().any() and table is not None:
            best = float(pd.Series(table.metrics[history.task]).max())
            title = f"{history.space}, {history.task}"
            data = figures.regret_data(frame, best, task_registry[history.task].metric, title)
            figures.save(figures.draw_regret(data), folder, "regret")
            with replacing(folder / "regret.csv") as path:
                data.curves.to_csv(path)
    console.show_table(
        {
            "search": "left",
            "seed": "right",
            "scored": "right",
            "parameters": "right",
            "score": "right",
            "truth": "right",
        }
        | {"architecture": "left"},
        [
            (
                str(item["algorithm"]),
                str(item["seed"]),
                str(item["scored"]),
                f"{item['parameters']:,}"
                + (f"; stacked {item['stacked']:,}" if item["stacked"] else ""),
                ", ".join(f"{value:.6g}" for value in item["values"]),
                "unknown" if item["truth"] is None else f"{item['truth']:.2f}",
                str(item["native"]),
            )
            for item in found
        ],
    )


def _found(history: History, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Say what every search found."""
    owner, task = space_registry[history.space], task_registry[history.task]
    found = []
    for (name, seed), last in history.found().items():
        architecture = last.best.architecture
        truth = frame.loc[
            (frame["algorithm"] == name) & (frame["seed"] == seed), "truth_of_best"
        ].iloc[-1]
        found.append(
            {
                "algorithm": name,
                "seed": seed,
                "scored": last.number,
                "architecture": architecture.key,
                "native": owner.native(architecture),
                "parameters": owner.parameters(architecture, task),
                "stacked": _stacked_size(architecture, task),
                "values": list(last.best.values),
                "truth": None if math.isnan(truth) else float(truth),
            }
        )
    return found


def _stacked_size(architecture: Architecture, task: Task) -> int | None:
    """Count the parameters of the network that stacks what was found, if there is one."""
    stacked = stack(architecture)
    return (
        None if stacked is architecture else space_registry[stacked.space].parameters(stacked, task)
    )
