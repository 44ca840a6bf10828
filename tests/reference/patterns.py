"""Activation patterns as lists of zeros and ones."""

import torch
from torch import nn

from networks import Case
from reference.running import draws, training_copy


def patterns(case: Case) -> list[tuple[int, ...]]:
    """List for every unit, that is every value of every call of every ReLU, which images it is active for."""
    network = training_copy(case)
    units: list[tuple[int, ...]] = []

    def record(_module: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        per_image = [image.flatten().tolist() for image in output]
        units.extend(
            tuple(1 if value > 0 else 0 for value in unit) for unit in zip(*per_image, strict=True)
        )

    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(record)
    with draws(case), torch.no_grad():
        network(case.images)
    return units
