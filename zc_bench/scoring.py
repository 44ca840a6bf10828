"""Scores of one architecture of a space, or of a network that a factory builds."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.factory import build_network, count_classes, draw_classes, draw_images
from zc_bench.engine.networks import score
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.execution import find_device
from zc_bench.execution.percentile import Percentile, percentiles
from zc_bench.images import Batch, find_images
from zc_bench.passes.activations import Activations
from zc_bench.proxies.groups import default_proxies, named_proxies
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.registry import warn_of_broken_plugins
from zc_bench.spaces import Architecture, space_registry
from zc_bench.spaces.encodings import read_architecture
from zc_bench.spec import Protocol
from zc_bench.store import TrialKey
from zc_bench.tables import load_table
from zc_bench.tasks import task_registry, with_image_size


@dataclass(frozen=True)
class Scored:
    """Scores, and what was scored.

    Attributes:
        scores: by proxy.
        facts: what was scored, with what: fit for JSON.
        heading: the same in a line.
        scorer: has computed the scores, of an architecture of a space.
    """

    scores: Mapping[str, Score]
    facts: Mapping[str, Any]
    heading: str
    scorer: ArchitectureScorer | None = field(default=None, repr=False)

    @cached_property
    def percentiles(self) -> Mapping[str, Percentile]:
        """Where a score is among the shipped ones of the space and task, by proxy.

        The shipped stores are read when this is asked first, which takes seconds.
        """
        if self.scorer is None:
            return {}
        return percentiles(self.scorer, self.facts["task"], self.scores)


def score_architecture(
    space: str,
    architecture: str,
    task: str,
    *,
    proxies: str | Iterable[str] = (),
    protocol: Protocol | None = None,
    seed: int = 0,
    device: str = "auto",
) -> Scored:
    """Score one architecture, with the same numbers as in a run with that seed.

    Args:
        space: a search space, by name.
        architecture: its key, its authors' string, or, on nb201, its number in the authors' API.
        task: a task, by name.
        proxies: names, or groups such as "recent"; "paper" unless given.
        protocol: what scores depend on; that of the paper unless given.
        seed: of weights and batch.
        device: "auto", or a torch device.

    Returns:
        The scores; the facts hold the accuracy where it is known.

    Raises:
        ZcBenchError: if a name is unknown, or images are missing.

    Examples:
        >>> from zc_bench.spec import Protocol
        >>> noise = Protocol(inputs="noise", batch_size=4)
        >>> scored = score_architecture("nb201", "(4, 0, 3, 1, 4, 3)", "cifar10", proxies="params", protocol=noise)
        >>> float(scored.scores["params"])
        0.129306
    """
    warn_of_broken_plugins()
    protocol = protocol or Protocol()
    owner = space_registry[space]
    found = read_architecture(owner, architecture)
    pool = find_images(with_image_size(task_registry[task], protocol.image_size), protocol.inputs)
    scorer = ArchitectureScorer(space, protocol, {task: pool}, find_device(device))
    scores = scorer.score(
        TrialKey(task, found.key, seed), named_proxies(proxies) or default_proxies()
    ).scores
    facts = {"space": space, "task": task, "architecture": found.key, "seed": seed}
    facts |= {"images": pool.source, "truth": _truths(found).get(task)}
    heading = f"{found} = {owner.native(found)}; seed {seed}; images: {pool.source}"
    return Scored(scores, facts, heading, scorer)


def architecture_facts(architecture: Architecture) -> pd.DataFrame:
    """Say what is known of an architecture, task by task.

    Args:
        architecture: of a registered space.

    Returns:
        One row per task of the space: task, truth (NaN if unknown), parameters, multiply_adds (per
        image; NaN where they cannot be counted), metric (of the truth).

    Examples:
        >>> from zc_bench.spaces import space_registry
        >>> found = space_registry["nb201"].parse("(4, 0, 3, 1, 4, 3)")
        >>> int(architecture_facts(found)["parameters"].iloc[0])
        129306
    """
    owner = space_registry[architecture.space]
    truths = _truths(architecture)
    rows = []
    for name in owner.tasks:
        task = task_registry[name]
        truth = truths.get(name, math.nan)
        size = owner.parameters(architecture, task)
        rows.append((name, truth, size, _multiply_adds(architecture, name), task.metric))
    columns = ["task", "truth", "parameters", "multiply_adds", "metric"]
    return pd.DataFrame(rows, columns=columns).astype({"truth": float})


def _truths(architecture: Architecture) -> dict[str, float]:
    """Look up the ground truth of an architecture, by task."""
    try:
        table = load_table(architecture.space)
        return {task: float(table.lookup(task, [architecture.key])[0]) for task in table.tasks}
    except ZcBenchError:
        return {}


def _multiply_adds(architecture: Architecture, task: str) -> float:
    """Count the operations of one image; NaN where they cannot be counted."""
    protocol = Protocol(batch_size=2, inputs="noise", augment=False)
    images = {task: find_images(task_registry[task], protocol.inputs)}
    scorer = ArchitectureScorer(architecture.space, protocol, images, find_device("cpu"))
    counted = scorer.score(TrialKey(task, architecture.key, 0), ("flops",)).scores["flops"]
    return round(counted.value * 1e6) if counted.status is Status.DONE else math.nan


def number_of(architecture: Architecture) -> dict[str, str]:
    """Return the number of an architecture in its authors' API, where its space has numbers."""
    index_of = getattr(space_registry[architecture.space], "index_of", None)
    return {} if index_of is None else {"number": str(index_of(architecture))}


def score_factory(
    factory: str,
    shape: tuple[int, ...],
    *,
    classes: int | None = None,
    activations: Activations = "relu",
    proxies: str | Iterable[str] = (),
    protocol: Protocol | None = None,
    seed: int = 0,
    device: str = "auto",
) -> Scored:
    """Score the network of a factory on N(0, 1) images with random classes.

    Args:
        factory: "package.module:factory", from the current folder too.
        shape: of an image, (C, H, W).
        classes: how many classes labels are drawn from; the outputs of the network unless given.
        activations: whose outputs have activation patterns; see `zc_bench.score`.
        proxies: names, or groups such as "recent"; "paper" unless given.
        protocol: its batch size, mu and sigma count; the rest must be as usual.
        seed: of weights, images and labels.
        device: "auto", or a torch device.

    Returns:
        The scores.

    Raises:
        ZcBenchError: if there is no such factory, or its network does not take the images.
    """
    warn_of_broken_plugins()
    protocol = protocol or Protocol()
    if (protocol.weights, protocol.repeats, protocol.inputs) != ("space", 1, "auto"):
        message = (
            "A network of --model keeps its weights and takes N(0, 1) images: "
            "leave out --preset and --inputs."
        )
        raise ZcBenchError(message)
    place, size = find_device(device), protocol.batch_size
    network = build_network(factory, seed).to(place)
    first, other = (
        draw_images(shape, size, seed, purpose).to(place) for purpose in ("batch", "second batch")
    )
    count = classes or count_classes(factory, network, first)
    labels, others = (
        draw_classes(count, size, seed, purpose).to(place)
        for purpose in ("labels", "second labels")
    )
    scores = score(
        network,
        first,
        labels,
        proxies=named_proxies(proxies) or default_proxies(),
        second=Batch(other, others),
        regularisation=_regularisation(protocol),
        activations=activations,
        seed=seed,
    )
    drawn = f"{size} x {' x '.join(map(str, shape))}, standard normal noise"
    heading = f"{factory}; seed {seed}; images: {drawn}; {count} classes"
    facts = {"model": factory, "input": list(shape), "batch_size": size}
    return Scored(scores, {**facts, "classes": count, "seed": seed}, heading)


def _regularisation(protocol: Protocol) -> Regularisation | None:
    """Return what reg_swap needs, if both numbers were given.

    For other networks there is no rule.
    """
    if protocol.mu is None or protocol.sigma is None:
        return None
    return Regularisation(protocol.mu, protocol.sigma, protocol.size_unit)
