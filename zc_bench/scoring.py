"""Scores of one architecture of a space, or of a network that a factory builds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.factory import build_network, count_classes, draw_classes, draw_images
from zc_bench.engine.networks import score
from zc_bench.engine.scores import Score
from zc_bench.errors import ZcBenchError
from zc_bench.execution import find_device
from zc_bench.images import Batch, find_images
from zc_bench.passes.activations import Activations
from zc_bench.proxies.groups import default_proxies, named_proxies
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.registry import warn_of_broken_plugins
from zc_bench.spaces import space_registry
from zc_bench.spec import Protocol
from zc_bench.store import TrialKey
from zc_bench.tables import load_table
from zc_bench.tasks import task_registry


@dataclass(frozen=True)
class Scored:
    """Scores, and what was scored.

    Attributes:
        scores: by proxy.
        facts: what was scored, with what: fit for JSON.
        heading: the same in a line.
    """

    scores: Mapping[str, Score]
    facts: Mapping[str, Any]
    heading: str


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
        architecture: its key, or its authors' string.
        task: a task, by name.
        proxies: names, or groups such as "recent"; "paper" unless given.
        protocol: what scores depend on; that of the paper unless given.
        seed: of weights and batch.
        device: "auto", or a torch device.

    Returns:
        The scores; the facts hold the accuracy where it is known.

    Raises:
        ZcBenchError: if a name is unknown, or images are not to be had.

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
    found = owner.parse(architecture)
    pool = find_images(task_registry[task], protocol.inputs)
    scorer = ArchitectureScorer(space, protocol, {task: pool}, find_device(device))
    scores = scorer.score(
        TrialKey(task, found.key, seed), named_proxies(proxies) or default_proxies()
    ).scores
    facts = {"space": space, "task": task, "architecture": found.key, "seed": seed}
    facts |= {"images": pool.source, "truth": _truth(space, task, found.key)}
    heading = f"{found} = {owner.native(found)}; seed {seed}; images: {pool.source}"
    return Scored(scores, facts, heading)


def _truth(space: str, task: str, key: str) -> float | None:
    """Look up the ground truth of an architecture, if there is any."""
    try:
        return float(load_table(space).lookup(task, [key])[0])
    except ZcBenchError:
        return None


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
