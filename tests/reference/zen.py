"""Gaussian complexity."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from networks import Case
from reference.running import draws, training_copy


def zen(case: Case) -> float | None:
    """Initialise a copy with N(0, 1), run N(0, 1) inputs through it and again perturbed, read the running variances."""
    network = training_copy(case)
    pooled: list[Tensor] = []

    def keep(_module: nn.Module, inputs: tuple[Any, ...], _output: Tensor) -> None:
        pooled.append(inputs[0])

    pools = [module for module in network.modules() if isinstance(module, nn.AdaptiveAvgPool2d)]
    weighted = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    for module in pools or weighted:
        module.register_forward_hook(keep)
    with draws(case, "gaussian forward"), torch.no_grad():
        norms = _initialise(network)
        inputs = torch.randn(case.images.shape, dtype=case.images.dtype)
        noise = torch.randn(case.images.shape, dtype=case.images.dtype)
        first = network(inputs)
        features = pooled[-1] if pooled else first
        second = network(inputs + 0.01 * noise)
        perturbed = pooled[-1] if pooled else second
    changes = [
        sum((a - b).abs().flatten().tolist()) for a, b in zip(features, perturbed, strict=True)
    ]
    change = sum(changes) / len(changes)
    if change == 0:
        return None
    score = math.log(change)
    for norm in norms:
        variances = norm.running_var.tolist()
        score += math.log(math.sqrt(sum(variances) / len(variances)))
    return score


def _initialise(network: nn.Module) -> list[nn.BatchNorm2d]:
    """Draw new weights, forget batch statistics; return the batch normalisations."""
    norms = []
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.weight.copy_(torch.randn(module.weight.shape, dtype=module.weight.dtype))
            if module.bias is not None:
                module.bias.zero_()
        elif isinstance(module, nn.MultiheadAttention):
            module.in_proj_weight.copy_(
                torch.randn(module.in_proj_weight.shape, dtype=module.in_proj_weight.dtype)
            )
            module.in_proj_bias.zero_()
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.reset_parameters()
            norms.append(module)
    return norms
