"""What twins need to run a network."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

import torch
from torch import nn

from networks import Case
from zc_bench.seeding import named_seed


def training_copy(case: Case) -> nn.Module:
    """Copy the network, to do with as one likes, in training mode.

    Batch normalisation uses the batch.
    """
    return deepcopy(case.network).train()


@contextmanager
def draws(case: Case, purpose: str = "forward") -> Iterator[None]:
    """Let the network and the twin draw what the harness draws: dropout, Gaussian weights."""
    with torch.random.fork_rng():
        torch.manual_seed(named_seed(case.seed, purpose))
        yield


def weight_names(network: nn.Module) -> list[str]:
    """Name the weights of all Conv2d and Linear layers, and those that other modules say that they multiply with."""
    return [
        f"{prefix}.{name}" if prefix else name
        for prefix, module in network.named_modules()
        for name in _names(module)
    ]


def _names(module: nn.Module) -> list[str]:
    """Name a module's own weights; a test's module lists them as WEIGHTS."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        return ["weight"]
    return (
        ["in_proj_weight"]
        if isinstance(module, nn.MultiheadAttention)
        else list(getattr(module, "WEIGHTS", []))
    )


def weights_of(network: nn.Module) -> list[nn.Parameter]:
    """List the weights of `weight_names`."""
    return [network.get_parameter(name) for name in weight_names(network)]


def total(values: torch.Tensor) -> float:
    """Add up all elements one by one."""
    return sum(values.double().flatten().tolist())
