"""Which trials a run has, and in what order they go."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from zc_bench.sampling import draw_architectures
from zc_bench.spaces import space_registry
from zc_bench.spec import Spec
from zc_bench.store import TrialKey
from zc_bench.tables import Table

BLOCK = 10  # architectures that a task and seed get before the next one's turn
Drawn = Mapping[tuple[str, int], list[str]]


def draw(spec: Spec, table: Table) -> Drawn:
    """Draw the architectures of a run.

    Args:
        spec: with its tasks resolved.
        table: the ground truth; only architectures that have one are drawn.

    Returns:
        Keys by task and seed. Every seed draws its own; tasks with the same ground truth share them.
    """
    drawn: dict[tuple[str, int], list[str]] = {}
    space = space_registry[spec.space]
    canonical = (lambda key: space.canonical(space.parse(key))) if spec.dedup else None
    for task in spec.tasks:
        keys = [
            key
            for key, truth in zip(table.keys, table.metrics[task], strict=True)
            if np.isfinite(truth)
        ]
        drawn |= {
            (task, seed): draw_architectures(keys, spec.samples, seed, canonical=canonical)
            for seed in range(spec.seeds)
        }
    return drawn


def leading_trials(drawn: Drawn) -> list[TrialKey]:
    """List the trials whose quick proxies come before all else: of every task ten architectures of the first seed.

    Args:
        drawn: keys by task and seed.
    """
    first = min(seed for _, seed in drawn)
    return [
        TrialKey(task, key, seed)
        for (task, seed), keys in drawn.items()
        if seed == first
        for key in keys[:BLOCK]
    ]


def trial_rounds(drawn: Drawn) -> Iterator[list[TrialKey]]:
    """Yield the trials of a run in their order, in rounds that are best finished once they are begun.

    First every seed and task in turn gets ten architectures, a trial a round_: whoever has little time has few
    correlations, but such that mean something. From then on, round_ i holds the i-th architecture of every seed for every
    task: a run that stops between two rounds has the same number of trials everywhere.

    Args:
        drawn: keys by task and seed.
    """
    tasks = list(dict.fromkeys(task for task, _ in drawn))
    seeds = sorted({seed for _, seed in drawn})
    cells = [(task, seed) for seed, task in product(seeds, tasks)]
    for task, seed in cells:
        yield from ([TrialKey(task, key, seed)] for key in drawn[task, seed][:BLOCK])
    for place in range(BLOCK, max(map(len, drawn.values()))):
        yield [
            TrialKey(task, drawn[task, seed][place], seed)
            for task, seed in cells
            if place < len(drawn[task, seed])
        ]
