"""Synaptic flow."""

import math

import torch
from torch import nn

from networks import Case
from reference.running import draws, total, training_copy, weights_of


class _Through(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def synflow(case: Case) -> float | None:
    """Take the absolute values of everything, leave out batch normalisation, send ones, call backward()."""
    network = training_copy(case).double()
    for name, module in list(network.named_modules(remove_duplicate=False)):
        if isinstance(module, nn.BatchNorm2d):
            network.set_submodule(name, _Through())
    for tensor in [*network.parameters(), *network.buffers()]:
        tensor.data = tensor.data.abs()
    network.zero_grad()
    with draws(case):
        network(torch.ones(1, *case.images.shape[1:], dtype=torch.float64)).sum().backward()
    used = [weight for weight in weights_of(network) if weight.grad is not None]
    score = sum(total((weight * weight.grad).abs()) for weight in used)
    return math.log(score) if score > 0 else None
