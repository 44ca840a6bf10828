"""Stored scores, computed again and compared."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import computed_names
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.execution.resolve import find_device
from zc_bench.images import Images, find_images
from zc_bench.spec import Protocol
from zc_bench.store import AGAIN, Contents, agree, as_read, column_name
from zc_bench.store.migrate import Agreement, in_words
from zc_bench.tasks import task_registry, with_image_size

# Another number of threads changes what a forward pass produces by up to 1.4e-5, measured on
# NAS-Bench-101 and 301.
TOLERANCE = 1e-3


def verify(
    contents: Contents,
    *,
    trials: int = 10,
    inputs: str | None = None,
    device: str = "cpu",
    generator: np.random.Generator | None = None,
) -> Agreement:
    """Compute a sample of the scores of a store again, with as many threads as the store has on record.

    Args:
        contents: of a store.
        trials: how many.
        inputs: "auto", "noise", or a path to images; those that the store has on record unless
            given.
        device: "auto", or a torch device.
        generator: draws which; a new one unless given.

    Returns:
        How many agree. Scores that rest on images that are not to be had here are not compared.

    Raises:
        ZcBenchError: if a space, a task or the device is unknown.
    """
    scorer = recorded_scorer(contents, inputs, device)
    ours = as_read(scorer.fingerprints(proxy_registry))
    columns = {
        name: column_name(name, proxy_registry[name].version)
        for name in computed_names(proxy_registry)
    }
    keys = sorted(contents.trials)
    drawn = (generator or np.random.default_rng()).permutation(len(keys))[:trials]
    agreement = Agreement()
    for key in (keys[place] for place in drawn):
        stored = contents.trials[key].scores
        names = [
            name
            for name, column in columns.items()
            if column in stored and agree(contents.fingerprints[column], ours[column], key.task)
        ]
        with _threads_of(contents):
            scores = scorer.score(key, names).scores if names else {}
        for name, score in scores.items():
            there = stored[columns[name]]
            agreement.add(f"{name} of {in_words(key)}", there, score, alike=alike(there, score))
    return agreement


@contextmanager
def _threads_of(contents: Contents) -> Iterator[None]:
    """Use the number of threads that is on record: the order of additions depends on it."""
    before = torch.get_num_threads()
    torch.set_num_threads(contents.provenance.get("environment", {}).get("threads", before))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def alike(stored: Score, computed: Score) -> bool:
    """Say whether two scores of the same trial agree, rounding apart.

    One that failed agrees with anything.
    """
    if {stored.status, computed.status} & set(AGAIN):
        return True
    if stored.status != computed.status:
        return False
    return stored.status is not Status.DONE or math.isclose(
        stored.value, computed.value, rel_tol=TOLERANCE
    )


def recorded_scorer(
    contents: Contents, inputs: str | None = None, device: str = "cpu"
) -> ArchitectureScorer:
    """Return a scorer of the protocol that a store has on record.

    Args:
        contents: of a store.
        inputs: images; those on record unless given. Noise stands in for those that are not to be
            had.
        device: "auto", or a torch device.

    Raises:
        ZcBenchError: if a task or the device is unknown.
    """
    spec = contents.provenance.get("spec", {}).get("protocol", {})
    recorded = {name: value for name, value in contents.protocol.items() if name != "space"}
    protocol = Protocol(**recorded, inputs=inputs or spec.get("inputs", "auto"))
    images = {
        task: _images(task, protocol) for task in sorted({key.task for key in contents.trials})
    }
    return ArchitectureScorer(contents.space, protocol, images, find_device(device))


def _images(task: str, protocol: Protocol) -> Images:
    sized = with_image_size(task_registry[task], protocol.image_size)
    try:
        return find_images(sized, protocol.inputs)
    except ZcBenchError:
        return find_images(sized, "noise")
