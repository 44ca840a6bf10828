"""What `correlate` and `run` have in common: compute trials under a progress bar, and report."""

import json
import math
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import typer

from zc_bench import figures
from zc_bench._internal.durations import format_duration, parse_duration
from zc_bench._internal.environment import differences
from zc_bench._internal.files import explaining, replacing
from zc_bench._internal.saying import Say, quietly
from zc_bench.cli import console
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError
from zc_bench.execution import (
    LOOKED_AT,
    JobQueue,
    Progress,
    Run,
    Workers,
    contradiction,
    expect_known,
    find_shipped,
    open_workers,
    prepare,
    run_trials,
    with_truth,
)
from zc_bench.experiment import Experiment
from zc_bench.spec import Spec
from zc_bench.statistics.correlate import InvalidPolicy, Report, correlate
from zc_bench.store import Store
from zc_bench.tables import load_table

ENOUGH = 10  # architectures from which on a correlation says something
READ_ONLY = -1.0  # the budget of whoever sees enough without computing anything
REPORT = "spearman.csv, correlations.csv, heatmap.png, heatmap.pdf"


@dataclass(frozen=True)
class How:
    """How trials are computed; no score depends on it, but for the last digits on device and threads.

    Attributes:
        device: "auto", or a torch device.
        budget: a duration; None takes the rule.
        workers: processes on this machine.
        threads: torch's threads per worker; None takes the rule.
        scheduler: a scheduler of Dask.
        invalid: what becomes of invalid scores.
        fresh: start over.
        offline: never try to download.
        quiet: print the table and errors only.
    """

    device: str
    budget: str | None
    workers: int
    threads: int | None
    scheduler: str | None
    invalid: InvalidPolicy
    fresh: bool
    offline: bool
    quiet: bool

    @property
    def say(self) -> Say:
        """Where remarks go."""
        return quietly if self.quiet else console.say


@dataclass(frozen=True)
class Computed:
    """What was computed.

    Attributes:
        experiment: the runs, with tasks and proxies resolved to names.
        rows: scores with the ground truth.
        about: by run, who computed it and from what.
        interrupted: whether Ctrl-C ended it.
    """

    experiment: Experiment
    rows: pd.DataFrame
    about: tuple[dict[str, Any], ...]
    interrupted: bool


class NoGroundTruthError(ZcBenchError):
    """No run of an experiment has ground truth here."""


def with_ground_truth(specs: Sequence[Spec], how: How) -> list[Spec]:
    """Leave out, and name, the runs and tasks of an experiment that have no ground truth here.

    Args:
        specs: the runs.
        how: how.

    Raises:
        NoGroundTruthError: if nothing is left.
        ZcBenchError: if a name is unknown.
    """
    found = []
    reasons = []
    for spec in specs:
        expect_known(spec)
        try:
            held = load_table(spec.space, offline=how.offline).tasks
        except ZcBenchError as error:
            reasons.append(error)
            how.say(f"{spec.space} is left out: {error}")
            continue
        kept = tuple(task for task in spec.tasks if task in held)
        if lacking := [task for task in spec.tasks if task not in held]:
            how.say(
                f"{spec.space}: {', '.join(lacking)} left out for lack of ground truth: see `zc-bench data doctor`."
            )
        if kept or not spec.tasks:
            found.append(replace(spec, tasks=kept))
    if not found:
        message = " ".join(map(str, reasons)) or "No task of this experiment has ground truth here."
        raise NoGroundTruthError(message)
    return found


def compute(specs: Sequence[Spec], stores: Sequence[Path], how: How) -> Computed:
    """Compute the trials of some runs until the end, the budget or Ctrl-C.

    Args:
        specs: the runs.
        stores: where the scores of each lie.
        how: how.

    Raises:
        typer.Exit: if Ctrl-C came before the first trial.
    """
    # First, so that what is misspelt is told before processes start.
    budget = None if how.budget is None else parse_duration(how.budget)
    for spec in specs:
        expect_known(spec)
    with ExitStack() as stack:
        crew = open_workers(
            how.workers,
            device=how.device,
            threads=how.threads,
            scheduler=how.scheduler,
            say=how.say,
        )
        workers = stack.enter_context(crew)
        runs = [
            prepare(spec, device=workers.device, offline=how.offline, say=how.say) for spec in specs
        ]
        about = tuple(run.about(workers.environment()) for run in runs)
        opened = [
            stack.enter_context(Store(path, run.scorer.identity(), facts, fresh=how.fresh))
            for path, run, facts in zip(stores, runs, about, strict=True)
        ]
        for store in opened:
            if changed := differences(
                store.about_before.get("environment", {}), workers.environment()
            ):
                how.say(
                    f"{store.path} was begun under other conditions ({changed}): the last digits of scores may differ."
                )
        read = sum(
            read_shipped(run, store, workers, how.say)
            for run, store in zip(runs, opened, strict=True)
        )
        queues = [
            JobQueue(run, store, workers.count) for run, store in zip(runs, opened, strict=True)
        ]
        if budget is None:
            budget = math.inf if workers.device.type == "cuda" else 600.0
            if (
                read
                and min(count for queue in queues for count in queue.finished.values()) >= ENOUGH
            ):
                budget = READ_ONLY
        interrupted = _advance(queues, workers, budget, how)
        rows = pd.concat(
            [with_truth(store.contents, run) for run, store in zip(runs, opened, strict=True)]
        )
    if interrupted and rows.empty:
        raise typer.Exit(130)
    return Computed(Experiment(tuple(run.spec for run in runs)), rows, about, interrupted)


def read_shipped(run: Run, store: Store, workers: Workers, say: Say) -> int:
    """Take what comes with the package into a store that lacks it, unless that was begun with --fresh.

    Args:
        run: the run.
        store: its store.
        workers: compute a few trials again, for comparison.
        say: told what was read.

    Returns:
        How many trials were read.
    """
    count = 0
    for path, contents in ({} if store.begun_fresh else find_shipped(run, store)).items():
        if different := contradiction(run, contents, workers, np.random.default_rng()):
            say(f"Nothing is read from {path}, which is not what is computed here: {different}.")
            continue
        store.adopt(contents)
        count += len(contents.trials)
        again = min(LOOKED_AT, len(contents.trials))
        say(
            f"Read from {path}: {len(contents.trials):,} trials, of which {again} drawn at random were computed again "
            "and agree. --fresh computes all anew."
        )
    return count


def _advance(queues: Sequence[JobQueue], workers: Workers, budget: float, how: How) -> bool:
    """Compute trials under a progress bar; return whether Ctrl-C ended it."""
    progress = Progress(0, 0, 0, 0)
    interrupted = False
    with console.progress_bar(how.quiet) as bar:
        try:
            for progress in run_trials(queues, workers, budget):
                bar.show(progress)
                if budget == READ_ONLY:
                    break
        except KeyboardInterrupt:
            interrupted = True
    if progress.total > progress.finished:
        why = f"The budget of {format_duration(budget)} is used up"
        if budget == READ_ONLY:
            why = "Nothing was computed"
        if interrupted:
            why = "Stopped"
        counts = [count for queue in queues for count in queue.finished.values()]
        how.say(
            f"{why}: {progress.finished} of {progress.total} trials are complete, {_spread(counts)}. "
            "Run the same command again to go on; --budget none goes to the end."
        )
    return interrupted


def _spread(counts: Sequence[int]) -> str:
    """Say how many architectures the pairs of task and seed have."""
    fewest, most = min(counts), max(counts)
    if fewest >= ENOUGH or fewest == most:
        n = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        return f"{n} for each of {len(counts)} pairs of task and seed"
    enough = sum(count >= ENOUGH for count in counts)
    return f"{ENOUGH} or more for {enough} of {len(counts)} pairs of task and seed"


def correlate_rows(rows: pd.DataFrame, how: How) -> Report:
    """Correlate scores with the ground truth, every proxy in its own direction."""
    directions = {name: entry.higher_is_better for name, entry in proxy_registry.items()}
    return correlate(rows, higher_is_better=directions, invalid=how.invalid)


def correlate_and_show(rows: pd.DataFrame, how: How) -> Report:
    """Correlate scores with the ground truth, and print the table."""
    report = correlate_rows(rows, how)
    console.show_report(report)
    return report


def write(report: Report, folder: Path, record: str, text: str) -> None:
    """Write a report, its heat map and the record of how it came about."""
    with explaining(folder):
        report.write(folder)
        figures.save(figures.heatmap(report), folder, "heatmap")
        with replacing(folder / record) as path:
            path.write_text(text, encoding="utf-8", errors="backslashreplace")


def as_json(about: dict[str, Any]) -> str:
    """Write who computed a run and from what."""
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"
