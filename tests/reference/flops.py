"""Millions of operations, counted one by one."""

from itertools import product
from typing import Any

import torch
from torch import Tensor, nn

from networks import Case
from reference.running import draws, training_copy


def flops(case: Case) -> float:
    """Walk over what every layer computes for one image; the rules are those of tensorwatch."""
    network = training_copy(case)
    counts: list[int] = []
    for module in network.modules():
        module.register_forward_hook(
            lambda layer, inputs, output: counts.append(_operations(layer, inputs, output))
        )
    with draws(case), torch.no_grad():
        network(case.images)
    return sum(counts) / 1e6


def _operations(layer: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> int:
    if isinstance(layer, nn.Conv2d):
        return _convolution(layer, output)
    if isinstance(layer, nn.Linear):
        return sum(1 for _ in product(range(layer.in_features), range(layer.out_features)))
    values = len(output[0].flatten().tolist())
    if isinstance(layer, nn.BatchNorm2d):
        return values + values if layer.affine else values
    if isinstance(layer, nn.ReLU | nn.LeakyReLU):
        return values
    if isinstance(layer, nn.AvgPool2d):
        return sum(layer.kernel_size**2 for _ in range(values))
    if isinstance(
        layer, nn.AdaptiveAvgPool2d
    ):  # to one pixel, in these tests; off by one in both directions
        _, channels, height, width = inputs[0].shape
        return channels * (height + 1) * (width + 1)
    return 0


def _convolution(layer: nn.Conv2d, output: Tensor) -> int:
    """Count one for every product of a weight with a value (or with padding), and one for every bias added."""
    count = 0
    _, channels, height, width = output.shape
    for _position in product(range(channels), range(height), range(width)):
        for _factor in product(
            range(layer.in_channels // layer.groups),
            range(layer.kernel_size[0]),
            range(layer.kernel_size[1]),
        ):
            count += 1
        if layer.bias is not None:
            count += 1
    return count
