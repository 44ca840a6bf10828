"""Scores that come with the package: taken where they are of the kind that is asked for, and looked at first."""

import math
import os
from collections.abc import Container
from dataclasses import replace
from pathlib import Path

import numpy as np

from zc_bench._internal.files import package_folder
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.scores import Score, Status
from zc_bench.execution.local import Job, Workers
from zc_bench.execution.run import Run
from zc_bench.execution.stages import split
from zc_bench.store import AGAIN, Contents, Row, Store, TrialKey, as_read, column_name, read_store

VARIABLE = "ZC_BENCH_SHIPPED"
LOOKED_AT = 3  # trials of a file
# Another number of threads changes what a forward pass produces by up to 1.4e-5, measured on NAS-Bench-101 and 301.
TOLERANCE = 1e-3


def shipped_folder() -> Path:
    """Find the folder of what is shipped.

    Returns:
        The one that `$ZC_BENCH_SHIPPED` names; else that of the package, or in a checkout `results/shipped`.
    """
    if VARIABLE in os.environ:
        return Path(os.environ[VARIABLE])
    return package_folder("shipped", "results/shipped")


def find_shipped(run: Run, store: Store) -> dict[Path, Contents]:
    """Gather what is shipped of the trials that a store lacks.

    Only scores that rest on the very same things are taken: the protocol, and for every task images, mu and sigma.

    Args:
        run: which trials and proxies are asked for.
        store: its store.

    Returns:
        By file, trials of which a lacking score is shipped, with settled scores of registered proxies only.

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


def _tasks_alike(contents: Contents, run: Run) -> set[str]:
    """List the tasks for which scores of a store rest on the same things as those of a run."""
    ours = as_read(run.scorer.identity())
    if contents.identity.get("protocol") != ours["protocol"]:
        return set()
    return {task for task in run.spec.tasks if contents.identity.get(task) == ours[task]}


def _settled(trial: Row, current: Container[str]) -> Row:
    """Leave out scores of other versions, and those that deserve another try."""
    scores = {
        name: score
        for name, score in trial.scores.items()
        if name in current and score.status not in AGAIN
    }
    return replace(trial, scores=scores)


def contradiction(
    run: Run, contents: Contents, workers: Workers, generator: np.random.Generator
) -> str:
    """Compute a few shipped trials again, and compare.

    The quick proxies are enough: they see the same network, weights and images as the others.

    Args:
        run: the run.
        contents: shipped trials of it.
        workers: where they are computed.
        generator: draws which.

    Returns:
        The first score that differs, in words; nothing if all agree.
    """
    keys = sorted(contents.trials)
    drawn = [keys[place] for place in generator.permutation(len(keys))[:LOOKED_AT]]
    quick, _ = split(proxy_registry)
    columns = {name: column_name(name, proxy_registry[name].version) for name in quick}
    for outcome in workers.observe(Job(run.scorer, key, quick) for key in drawn):
        key = outcome.job.key
        shipped = contents.trials[key].scores
        for name, score in outcome.result.scores.items():
            if columns[name] in shipped and not _agree(shipped[columns[name]], score):
                there, here = (_said(one) for one in (shipped[columns[name]], score))
                return f"{name} of {key.architecture}, task {key.task}, seed {key.seed}, is {there} there, {here} here"
    return ""


def _agree(shipped: Score, computed: Score) -> bool:
    if computed.status in AGAIN:
        return True
    if Status.DONE in (shipped.status, computed.status):
        return shipped.status == computed.status and math.isclose(
            shipped.value, computed.value, rel_tol=TOLERANCE
        )
    return shipped.status == computed.status


def _said(score: Score) -> str:
    return f"{score.value:.6g}" if score.status is Status.DONE else str(score.status)
