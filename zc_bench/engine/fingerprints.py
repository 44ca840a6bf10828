"""The dependencies of a score: the settings and images of a run that its passes read."""

from collections.abc import Collection, Mapping
from typing import Any

from zc_bench.engine.declare import PARTS, Part, Requested, pass_registry, proxy_registry

Fingerprint = Mapping[str, Mapping[str, Any]]
"""The section "protocol", and a section for every task: the images that it was scored on."""

# The head of a network may depend on the size of the images, so every score does.
_ALWAYS = frozenset({"space", "image_size"})
_SETTINGS: Mapping[Part, frozenset[str]] = {
    "weights": frozenset({"weights", "repeats"}),
    "images": frozenset({"batch_size", "augment"}),
    "batch_size": frozenset({"batch_size"}),
    "seed": frozenset({"repeats"}),  # every repeat has generators of its own
}


def parts_read(name: str) -> frozenset[Part]:
    """Return what the passes of a proxy read of a trial.

    Args:
        name: a proxy; of one that is not registered here nothing is known, so it counts as reading
            everything.

    Examples:
        >>> import zc_bench.proxies
        >>> sorted(parts_read("l2_norm"))
        ['weights']
        >>> parts_read("snip") == PARTS
        True
    """
    if name not in proxy_registry:
        return PARTS
    return _parts(proxy_registry[name].needs.values(), PARTS)


def observation_parts(kind: type) -> frozenset[Part]:
    """Return what an observation depends on of a trial.

    Args:
        kind: the type of the observation.
    """
    return _parts([kind], PARTS)


def _parts(kinds: Collection[type], of_those: frozenset[Part]) -> frozenset[Part]:
    """Gather what some observations depend on, directly or not.

    Of the trial itself `of_those` are read.
    """
    found: set[Part] = set()
    seen: set[type] = set()
    queue = [(kinds, of_those)]
    while queue:
        needs, of_trial = queue.pop()
        for kind in needs:
            if kind not in pass_registry:
                found |= of_trial if kind is not Requested else frozenset()
            elif kind not in seen:
                seen.add(kind)
                giver = pass_registry[kind]
                queue.append((giver.needs.values(), giver.reads.get(kind, PARTS)))
    return frozenset(found)


def fingerprint(name: str, whole: Fingerprint) -> dict[str, dict[str, Any]]:
    """Keep, of what a run depends on, what a proxy reads.

    Args:
        name: a proxy that is not derived.
        whole: the settings of a run in the section "protocol", and in a section per task the digest
            of its images.

    Examples:
        >>> import zc_bench.proxies
        >>> settings = {"space": "nb201", "batch_size": 32, "augment": True, "weights": "space", "repeats": 1}
        >>> fingerprint("l2_norm", {"protocol": settings, "cifar10": {"images": "21883b"}})
        {'protocol': {'space': 'nb201', 'weights': 'space', 'repeats': 1}}
    """
    parts = parts_read(name)
    kept = _ALWAYS.union(*(_SETTINGS[part] for part in parts))
    settings = {key: value for key, value in whole["protocol"].items() if key in kept}
    images = {section: dict(said) for section, said in whole.items() if section != "protocol"}
    return {"protocol": settings, **(images if "images" in parts else {})}
