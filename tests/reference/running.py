"""What twins need to run a network."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

import torch
from torch import nn

from networks import Case
from zc_bench.seeding import named_seed


def training_copy(case: Case) -> nn.Module:
    """Copy the network, to do with as one likes, in training mode: batch normalisation uses the batch."""
    return deepcopy(case.network).train()


@contextmanager
def draws(case: Case, purpose: str = "forward") -> Iterator[None]:
    """Let the network and the twin draw what the harness draws: dropout, Gaussian weights."""
    with torch.random.fork_rng():
        torch.manual_seed(named_seed(case.seed, purpose))
        yield


def weight_names(network: nn.Module) -> list[str]:
    """Name the weights of all Conv2d and Linear layers."""
    return [
        f"{name}.weight" if name else "weight"
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    ]


def total(values: torch.Tensor) -> float:
    """Add up all elements one by one."""
    return sum(values.double().flatten().tolist())
