"""Scores that come with the package: taken where they are of the kind that is asked for, and looked at first."""

import os
from collections.abc import Container
from dataclasses import replace
from pathlib import Path

import numpy as np

from zc_bench._internal.files import package_folder
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import computed_names
from zc_bench.execution.local import Job, Workers
from zc_bench.execution.run import Run
from zc_bench.execution.stages import split
from zc_bench.execution.verify import alike
from zc_bench.store import (
    AGAIN,
    Contents,
    Row,
    Store,
    TrialKey,
    agree,
    as_read,
    column_name,
    read_store,
)
from zc_bench.store.migrate import said

VARIABLE = "ZC_BENCH_SHIPPED"
LOOKED_AT = 3  # trials of a file


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

    Only scores that rest on the very same things are taken, column by column.

    Args:
        run: which trials and proxies are asked for.
        store: its store.

    Returns:
        By file, trials of which a lacking score is shipped, with settled scores of registered proxies only.

    Raises:
        ZcBenchError: if a shipped store is damaged.
    """
    asked = {
        name: column_name(name, proxy_registry[name].version)
        for name in computed_names(run.spec.proxies)
    }
    keys = (TrialKey(task, key, seed) for (task, seed), drawn in run.drawn.items() for key in drawn)
    lacking = {
        key: {asked[name] for name in names} for key in keys if (names := store.missing(key, asked))
    }
    found: dict[Path, Contents] = {}
    for path in sorted(shipped_folder().glob(f"{run.spec.space}*.h5")) if lacking else ():
        contents = read_store(path)
        alike = _columns_alike(contents, run)
        shared = [key for key in lacking if key in contents.trials]
        settled = {key: _settled(contents.trials[key], alike[key.task]) for key in shared}
        useful = {
            key: trial for key, trial in settled.items() if trial.scores.keys() & lacking[key]
        }
        if useful:
            found[path] = replace(contents, trials=useful)
            lacking = {key: columns for key, columns in lacking.items() if key not in useful}
    return found


def _columns_alike(contents: Contents, run: Run) -> dict[str, set[str]]:
    """List by task the columns whose scores rest on the same things as those of a run would."""
    ours = as_read(run.scorer.fingerprints(proxy_registry))
    theirs = contents.fingerprints
    both = ours.keys() & theirs.keys()
    return {
        task: {column for column in both if agree(theirs[column], ours[column], task)}
        for task in run.spec.tasks
    }


def _settled(trial: Row, alike: Container[str]) -> Row:
    """Leave out scores of other versions or protocols, and those that deserve another try."""
    scores = {
        name: score
        for name, score in trial.scores.items()
        if name in alike and score.status not in AGAIN
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
    quick, _ = split(computed_names(proxy_registry))
    columns = {name: column_name(name, proxy_registry[name].version) for name in quick}
    for outcome in workers.observe(Job(run.scorer, key, quick) for key in drawn):
        key = outcome.job.key
        shipped = contents.trials[key].scores
        for name, score in outcome.result.scores.items():
            if columns[name] in shipped and not alike(shipped[columns[name]], score):
                there, here = (said(one) for one in (shipped[columns[name]], score))
                return f"{name} of {key.architecture}, task {key.task}, seed {key.seed}, is {there} there, {here} here"
    return ""
