"""Scores that are shipped with the package: found, compared with computed ones, and read."""

import logging
from collections.abc import Container, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import computed_names
from zc_bench.engine.plan import plan
from zc_bench.execution.job import Executor, Job
from zc_bench.execution.queue import needs_gradients
from zc_bench.execution.resolve import ResolvedRun
from zc_bench.execution.verify import alike
from zc_bench.passes.trial_inputs import TrialInputs
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
from zc_bench.store.sources import shipped_folder

_log = logging.getLogger(__name__)

COMPARED = 3  # trials of a file


def find_shipped(run: ResolvedRun, store: Store) -> tuple[dict[Path, Contents], bool]:
    """Find the shipped scores that a store lacks, and tell whether it has some already.

    Only scores that rest on the very same things are taken, column by column.

    Args:
        run: which trials and proxies are asked for.
        store: its store.

    Returns:
        By file, the trials of which it holds a lacking score, with the scores of registered
        proxies that need no second try; and whether the store has some score that is shipped.

    Raises:
        ZcBenchError: if a shipped store is damaged.
    """
    asked = {
        name: column_name(name, proxy_registry[name].version)
        for name in computed_names(run.spec.proxies)
    }
    keys = [TrialKey(task, key, seed) for (task, seed), drawn in run.drawn.items() for key in drawn]
    lacking = {
        key: {asked[name] for name in names} for key in keys if (names := store.missing(key, asked))
    }
    found: dict[Path, Contents] = {}
    held = False
    for path in sorted(shipped_folder().glob(f"{run.spec.space}*.h5")) if lacking else ():
        contents = read_store(path)
        alike = columns_alike(contents, run.scorer, run.spec.tasks)
        settled = {
            key: _settled(contents.trials[key], alike[key.task])
            for key in keys
            if key in contents.trials
        }
        held = held or any(_holds(store, key, trial) for key, trial in settled.items())
        useful = {
            key: trial
            for key, trial in settled.items()
            if trial.scores.keys() & lacking.get(key, set())
        }
        if useful:
            found[path] = replace(contents, trials=useful)
            left = {
                key: columns - (useful[key].scores.keys() if key in useful else set())
                for key, columns in lacking.items()
            }
            lacking = {key: columns for key, columns in left.items() if columns}
    return found, held


def _holds(store: Store, key: TrialKey, shipped: Row) -> bool:
    """Tell whether a store has a shipped score; two that were computed differ in their seconds."""
    trial = store.contents.trials.get(key)
    return trial is not None and any(
        trial.scores.get(column) == score for column, score in shipped.scores.items()
    )


def columns_alike(
    contents: Contents, scorer: ArchitectureScorer, tasks: Iterable[str]
) -> dict[str, set[str]]:
    """List by task the columns whose scores depend on the same things as those of a scorer would.

    Args:
        contents: of a store.
        scorer: with images of the tasks.
        tasks: by name.
    """
    ours = as_read(scorer.fingerprints(proxy_registry))
    theirs = contents.fingerprints
    both = ours.keys() & theirs.keys()
    return {
        task: {column for column in both if agree(theirs[column], ours[column], task)}
        for task in tasks
    }


def _settled(trial: Row, alike: Container[str]) -> Row:
    """Leave out scores of other versions or protocols, and those that are to be computed again."""
    scores = {
        name: score
        for name, score in trial.scores.items()
        if name in alike and score.status not in AGAIN
    }
    return replace(trial, scores=scores)


def contradiction(
    run: ResolvedRun, contents: Contents, executor: Executor, generator: np.random.Generator
) -> str:
    """Compute a few shipped trials again, and compare.

    Proxies of one forward pass suffice: they depend on the same network, weights and images as the
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
    columns = {
        name: column
        for name in filter(_needs_forward_alone, computed_names(proxy_registry))
        if (column := column_name(name, proxy_registry[name].version)) in contents.fingerprints
    }
    names = tuple(columns)
    for job, result in executor.run(Job(run.scorer, key, names) for key in chosen):
        shipped = contents.trials[job.key].scores
        for name, score in result.scores.items():
            before = shipped.get(columns[name])
            if before is not None and not alike(before, score):
                return (
                    f"{name} of {job.key.architecture}, task {job.key.task}, seed {job.key.seed}, "
                    f"is {said(before)} there, {said(score)} here"
                )
    return ""


def _needs_forward_alone(name: str) -> bool:
    """Return whether a proxy observes the forward pass of the images, and no gradients."""
    steps = {step.name for step in plan([name], [TrialInputs]).passes}
    return "forward" in steps and not needs_gradients(name)


def read_shipped(run: ResolvedRun, store: Store, executor: Executor) -> bool:
    """Read the shipped scores that a store lacks into it, unless the store was begun with `fresh`.

    Args:
        run: the run.
        store: its store.
        executor: computes a few trials again, for comparison.

    Returns:
        Whether the store lacks scores and has some that are shipped, read now or earlier.
    """
    found, held = ({}, False) if store.begun_fresh else find_shipped(run, store)
    for path, contents in found.items():
        if different := contradiction(run, contents, executor, np.random.default_rng()):
            _log.info(
                "Nothing is read from %s, which is not what is computed here: %s.", path, different
            )
            continue
        store.adopt(contents)
        held = True
        _log.info(
            "Read from %s: %s trials, of which %d drawn at random were computed again and agree. "
            "--fresh computes all anew.",
            path,
            f"{len(contents.trials):,}",
            min(COMPARED, len(contents.trials)),
        )
    return held
