"""Trials become scores: which trials a run has, in what order they go, and when they stop."""

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from zc_bench.environment import environment
from zc_bench.errors import ZcBenchError
from zc_bench.inputs import find_images
from zc_bench.lab import Lab
from zc_bench.observe import Status, proxies
from zc_bench.registry import warn_of_broken_plugins
from zc_bench.sampling import draw_architectures
from zc_bench.saying import Say, quietly
from zc_bench.spaces import spaces
from zc_bench.spec import Spec
from zc_bench.store import Contents, Store, TrialKey, column_name
from zc_bench.tables import Table, load_table
from zc_bench.tasks import tasks


@dataclass(frozen=True)
class Run:
    """A run that is ready to go: everything that its spec names has been found.

    Attributes:
        spec: with tasks and proxies resolved to names.
        table: the ground truth.
        lab: where its trials are observed.
    """

    spec: Spec
    table: Table
    lab: Lab

    def about(self) -> dict[str, Any]:
        """Return who computes it and from what: spec, environment, provenance of table and images."""
        return {
            "spec": asdict(self.spec),
            "fingerprint": self.spec.fingerprint(),
            "environment": environment(self.lab.device),
            "table": dict(self.table.provenance),
            "images": {task: images.source for task, images in self.lab.images.items()},
            "regularisation": {task: asdict(self.lab.regularisation(task)) for task in self.spec.tasks},
        }


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        finished: trials with all their scores.
        total: trials of the whole run.
        computed: trials that were computed since it was last started.
        failed: scores that failed since then.
    """

    finished: int
    total: int
    computed: int
    failed: int


def prepare(spec: Spec, *, device: str = "auto", offline: bool = False, say: Say = quietly) -> Run:
    """Find everything that a spec names.

    Args:
        spec: the run.
        device: "auto", or a torch device.
        offline: never try to download.
        say: told in one sentence each which ground truth and which images are used.

    Returns:
        The run.

    Raises:
        ZcBenchError: if a name is unknown, or ground truth or images are not to be had.
    """
    known = {name: proxies[name] for name in spec.proxies or proxies}
    space = spaces[spec.space]
    for task in spec.tasks:
        _expect_task(space.tasks, space.name, tasks[task].name)
    table = load_table(spec.space, offline=offline, say=say)
    chosen = tuple(dict.fromkeys(spec.tasks)) or tuple(task for task in space.tasks if task in table.tasks)
    for task in chosen:
        table.lookup(task, [])
    resolved = replace(spec, tasks=chosen, proxies=tuple(known))
    images = {task: find_images(tasks[task], spec.protocol.inputs) for task in chosen}
    for task, pool in images.items():
        say(f"Images for {task}: {pool.source}")
    return Run(resolved, table, Lab(spec.space, spec.protocol, images, find_device(device)))


def _expect_task(known: tuple[str, ...], space: str, task: str) -> None:
    if task not in known:
        message = f"{space} has no networks for the task {task!r}: its tasks are {', '.join(known)}."
        raise ZcBenchError(message)


def find_device(name: str) -> torch.device:
    """Turn "auto" or a torch device name into a device that is there.

    Raises:
        ZcBenchError: if there is no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        message = f"The device {name!r} cannot be used ({reason}): take auto, cpu, or cuda where there is a GPU."
        raise ZcBenchError(message) from error
    return device


def trial_rounds(spec: Spec, table: Table) -> Iterator[list[TrialKey]]:
    """Yield the trials of a run, a round at a time.

    Round i holds the i-th architecture of every seed, for every task: a run that stops between two rounds has the same
    number of trials for every seed and task. Every seed draws its own architectures.

    Args:
        spec: with its tasks resolved.
        table: the ground truth; only architectures that have one are drawn.
    """
    drawn: dict[tuple[int, str], list[str]] = {}
    for task in spec.tasks:
        keys = [key for key, truth in zip(table.keys, table.metrics[task], strict=True) if np.isfinite(truth)]
        drawn |= {(seed, task): draw_architectures(keys, spec.samples, seed) for seed in range(spec.seeds)}
    for place in range(max(map(len, drawn.values()))):
        yield [
            TrialKey(task, drawn[seed, task][place], seed)
            for seed in range(spec.seeds)
            for task in spec.tasks
            if place < len(drawn[seed, task])
        ]


def run_trials(run: Run, store: Store, budget: float = math.inf) -> Iterator[Progress]:
    """Compute what the store lacks, and say after every trial how far it is.

    Args:
        run: what to compute.
        store: where the scores go; a trial is in it before its progress is yielded.
        budget: seconds; the run stops before a round that would not fit any more, but always does one.

    Yields:
        Progress, at least once.
    """
    start = time.monotonic()
    columns = {name: column_name(name, proxies[name].version) for name in run.spec.proxies}
    whole = list(trial_rounds(run.spec, run.table))
    rounds = [[(key, names) for key in keys if (names := store.missing(key, columns))] for keys in whole]
    total = sum(map(len, whole))
    progress = Progress(total - sum(map(len, rounds)), total, 0, 0)
    yield progress
    for trials in filter(None, rounds):
        elapsed = time.monotonic() - start
        if progress.computed and elapsed * (1 + len(trials) / progress.computed) > budget:
            return
        for key, names in trials:
            observed = run.lab.observe(key, names)
            store.append(key, observed, columns)
            failed = sum(score.status in (Status.FAILED, Status.OUT_OF_MEMORY) for score in observed.scores.values())
            progress = Progress(progress.finished + 1, total, progress.computed + 1, progress.failed + failed)
            yield progress


def with_truth(contents: Contents, run: Run) -> pd.DataFrame:
    """Put scores beside the ground truth.

    Args:
        contents: of a store.
        run: which trials and proxies count; what else the store holds is left out.

    Returns:
        One row per trial and proxy: space, task, architecture, seed, proxy, version, score, status, reason, seconds,
        truth.
    """
    versions = {name: proxies[name].version for name in run.spec.proxies}
    asked = {key for keys in trial_rounds(run.spec, run.table) for key in keys}
    frame = replace(contents, trials={key: trial for key, trial in contents.trials.items() if key in asked}).frame()
    frame = frame[frame["version"] == frame["proxy"].map(versions)]
    truth = pd.Series(np.nan, index=frame.index)
    for task, rows in frame.groupby("task"):
        truth.loc[rows.index] = run.table.lookup(str(task), rows["architecture"].tolist())
    frame.insert(0, "space", run.spec.space)
    return frame.assign(truth=truth).reset_index(drop=True)


def evaluate(
    spec: Spec,
    store: Path,
    *,
    device: str = "auto",
    budget: float = math.inf,
    offline: bool = False,
) -> pd.DataFrame:
    """Compute the scores of a run, going on where an earlier one stopped.

    Args:
        spec: the run.
        store: the HDF5 file that holds its scores.
        device: "auto", or a torch device.
        budget: seconds after which it stops.
        offline: never try to download.

    Returns:
        One row per trial and proxy, with the ground truth; see `with_truth`.

    Raises:
        ZcBenchError: if something that the spec names is not to be had, or the store holds other scores.
    """
    warn_of_broken_plugins()
    run = prepare(spec, device=device, offline=offline)
    with Store(store, run.lab.identity(), run.about()) as opened:
        for _ in run_trials(run, opened, budget):
            pass
        return with_truth(opened.contents, run)
