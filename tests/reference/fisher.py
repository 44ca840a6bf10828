"""Fisher information through explicit gates on the channels."""

from typing import Any

import torch
from torch import Tensor, nn

from networks import Case
from reference.running import draws, training_copy


def fisher(case: Case) -> float:
    """Multiply every channel of every layer's output with a gate of one per image, and differentiate the loss.

    Half the mean over the images of the squared derivative is the channel's Fisher information. It
    counts once for every weight of the channel. A layer that runs twice has the same gates both
    times.
    """
    network = training_copy(case)
    gates: dict[nn.Module, Tensor] = {}

    def gated(layer: nn.Module, _inputs: tuple[Any, ...], output: Tensor) -> Tensor:
        channels = len(layer.weight)
        gate = gates.setdefault(
            layer, torch.ones(len(output), channels, dtype=output.dtype, requires_grad=True)
        )
        if isinstance(layer, nn.Conv2d):
            return output * gate[:, :, None, None]
        return output * gate.reshape(len(output), *[1] * (output.dim() - 2), channels)

    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(gated)
    with draws(case):
        nn.functional.cross_entropy(network(case.images), case.labels).backward()
    score = 0.0
    for layer, gate in gates.items():
        if gate.grad is None:
            continue
        for channel, weights in enumerate(layer.weight):
            squares = [value**2 for value in gate.grad[:, channel].tolist()]
            score += 0.5 * sum(squares) / len(squares) * weights.numel()
    return score
