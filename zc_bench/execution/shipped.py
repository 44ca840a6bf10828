"""Scores that are shipped with the package: found, compared with computed ones, and read."""

import logging
import math
import os
from collections.abc import Container
from dataclasses import replace
from pathlib import Path

import numpy as np

from zc_bench._internal.files import package_folder
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.scores import Score, Status
from zc_bench.execution.job import Executor, Job
from zc_bench.execution.queue import needs_gradients
from zc_bench.execution.resolve import ResolvedRun
from zc_bench.store import AGAIN, Contents, Row, Store, TrialKey, as_read, column_name, read_store

_log = logging.getLogger(__name__)

VARIABLE = "ZC_BENCH_SHIPPED"
COMPARED = 3  # trials of a file
# The number of threads changes these scores by up to 1.4e-5, measured on NAS-Bench-101 and 301.
TOLERANCE = 1e-3


def shipped_folder() -> Path:
    """Find the folder of shipped scores.

    Returns:
        `$ZC_BENCH_SHIPPED`; or else that of the package, which in a checkout is `results/shipped`.
    """
    if VARIABLE in os.environ:
        return Path(os.environ[VARIABLE])
    return package_folder("shipped", "results/shipped")


def find_shipped(run: ResolvedRun, store: Store) -> dict[Path, Contents]:
    """Find the shipped scores that a store lacks.

    Only scores with the same protocol are taken, of tasks with the same images, mu and sigma.

    Args:
        run: which trials and proxies are asked for.
        store: its store.

    Returns:
        By file, the trials of which it holds a lacking score; with the scores of registered
        proxies that need no second try.

    Raises:
        ZcBenchError: if a shipped store is damaged.
    """
    columns = {name: column_name(name, entry.version) for name, entry in proxy_registry.items()}
    current = set(columns.values())
    asked = {name: columns[name] for name in run.spec.proxies}
    keys = (TrialKey(task, key, seed) for (task, seed), drawn in run.drawn.items() for key in drawn)
    lacking = {
        key: {asked[name] for name in names} for key in keys if (names := store.missing(key, asked))
    }
    found: dict[Path, Contents] = {}
    for path in sorted(shipped_folder().glob(f"{run.spec.space}*.h5")) if lacking else ():
        contents = read_store(path)
        tasks = _tasks_alike(contents, run)
        shared = [key for key in lacking if key.task in tasks and key in contents.trials]
        settled = {key: _settled(contents.trials[key], current) for key in shared}
        useful = {
            key: trial for key, trial in settled.items() if trial.scores.keys() & lacking[key]
        }
        if useful:
            found[path] = replace(contents, trials=useful)
            lacking = {key: columns for key, columns in lacking.items() if key not in useful}
    return found


def _tasks_alike(contents: Contents, run: ResolvedRun) -> set[str]:
    """Return the tasks for which the scores of a store depend on the same as those of a run."""
    ours = as_read(run.scorer.identity())
    if contents.identity.get("protocol") != ours["protocol"]:
        return set()
    return {task for task in run.spec.tasks if contents.identity.get(task) == ours[task]}


def _settled(trial: Row, current: Container[str]) -> Row:
    """Leave out scores of other versions, and those that are to be computed again."""
    scores = {
        name: score
        for name, score in trial.scores.items()
        if name in current and score.status not in AGAIN
    }
    return replace(trial, scores=scores)


def contradiction(
    run: ResolvedRun, contents: Contents, executor: Executor, generator: np.random.Generator
) -> str:
    """Compute a few shipped trials again, and compare.

    Proxies without gradients suffice: they depend on the same network, weights and images as the
    others.

    Args:
        run: the run.
        contents: shipped trials of it.
        executor: computes them again.
        generator: chooses which.

    Returns:
        The first score that differs, in words; nothing if all agree.
    """
    keys = sorted(contents.trials)
    chosen = [keys[place] for place in generator.permutation(len(keys))[:COMPARED]]
    names = tuple(name for name in proxy_registry if not needs_gradients(name))
    columns = {name: column_name(name, proxy_registry[name].version) for name in names}
    for job, result in executor.run(Job(run.scorer, key, names) for key in chosen):
        shipped = contents.trials[job.key].scores
        for name, score in result.scores.items():
            before = shipped.get(columns[name])
            if before is not None and not _agree(before, score):
                return (
                    f"{name} of {job.key.architecture}, task {job.key.task}, seed {job.key.seed}, "
                    f"is {_text(before)} there, {_text(score)} here"
                )
    return ""


def read_shipped(run: ResolvedRun, store: Store, executor: Executor) -> int:
    """Read the shipped scores that a store lacks into it, unless the store was begun with `fresh`.

    Args:
        run: the run.
        store: its store.
        executor: computes a few trials again, for comparison.

    Returns:
        The number of trials that were read.
    """
    count = 0
    for path, contents in ({} if store.begun_fresh else find_shipped(run, store)).items():
        if different := contradiction(run, contents, executor, np.random.default_rng()):
            _log.info(
                "Nothing is read from %s, which is not what is computed here: %s.", path, different
            )
            continue
        store.adopt(contents)
        count += len(contents.trials)
        _log.info(
            "Read from %s: %s trials, of which %d drawn at random were computed again and agree. "
            "--fresh computes all anew.",
            path,
            f"{len(contents.trials):,}",
            min(COMPARED, len(contents.trials)),
        )
    return count


def _agree(shipped: Score, computed: Score) -> bool:
    if computed.status in AGAIN:
        return True
    if Status.DONE in (shipped.status, computed.status):
        return shipped.status == computed.status and math.isclose(
            shipped.value, computed.value, rel_tol=TOLERANCE
        )
    return shipped.status == computed.status


def _text(score: Score) -> str:
    return f"{score.value:.6g}" if score.status is Status.DONE else str(score.status)
