"""What the tests of all spaces do alike."""

from collections.abc import Collection

import torch
from torch import nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces import Architecture, SearchSpace
from zc_bench.tasks import task_registry


def build(space: SearchSpace, architecture: Architecture, task: str, seed: int = 0) -> nn.Module:
    """Build a network whose weights a seed decides."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return space.build(architecture, task_registry[task])


def is_read_or_refused(space: SearchSpace, text: str, keys: Collection[str] | None = None) -> bool:
    """Return whether a text is an architecture with a key, one of those if they are given, or is a clear error."""
    try:
        architecture = space.parse(text)
    except ZcBenchError:
        return True
    return space.parse(architecture.key) == architecture and (
        keys is None or architecture.key in keys
    )


def keys_without_names(space: SearchSpace, keys: Collection[str]) -> list[str]:
    """Return those keys that do not name an architecture, or whose native string does not name the same."""
    named = {key: Architecture(space.name, key) for key in keys}
    return [
        key
        for key, one in named.items()
        if not space.parse(key) == one == space.parse(space.native(one))
    ]
