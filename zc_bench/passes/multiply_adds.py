"""How many operations a network needs for one image."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zc_bench.observe import shared_pass
from zc_bench.passes.running import hooked, run
from zc_bench.passes.trial import Trial


@dataclass(frozen=True)
class MultiplyAdds:
    """The operations of one forward pass.

    Attributes:
        total: multiply-adds per image.
    """

    total: int


@shared_pass
def multiply_adds(trial: Trial) -> MultiplyAdds:
    """Run two images through the network and count what its layers do to one of them.

    The count follows NAS-Bench-Suite-Zero, whose published numbers come from the package tensorwatch: convolutions
    and linear layers count multiply-adds, batch normalisation two per value (one without affine parameters), ReLU one
    per value, pooling one per value in its window. Additions, concatenations and transposed convolutions count zero.

    References:
        Krishnakumar et al. 2022, NAS-Bench-Suite-Zero, arXiv:2210.03230.
    """
    counts: list[int] = []

    def count(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        counts.append(_count(module, inputs, output))

    leaves = [module for module in trial.network.modules() if not list(module.children())]
    # Two images: batch normalisation in training mode refuses a single value per channel.
    with torch.inference_mode(), hooked(leaves, count):
        run(trial, trial.images[:2])
    return MultiplyAdds(sum(counts))


def _count(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> int:
    """Count the operations of one layer for one image."""
    if not isinstance(output, Tensor):
        return 0
    values = math.prod(output.shape[1:])
    match module:
        case nn.Conv2d():
            window = math.prod(module.kernel_size) * module.in_channels // module.groups
            return values * (window + (module.bias is not None))
        case nn.Linear():
            return math.prod(output.shape[1:-1]) * module.in_features * module.out_features
        case nn.BatchNorm2d():
            return values * (2 if module.affine else 1)
        case nn.ReLU() | nn.LeakyReLU():
            return values
        case nn.AvgPool2d() | nn.MaxPool2d():
            return values * _window(module.kernel_size)
        case nn.AdaptiveAvgPool2d():
            # As tensorwatch has it: the window is one larger than the map it averages, once per output row and column.
            entered: Tensor = inputs[0]
            height, width = entered.shape[-2:]
            return values * (height // output.shape[-2] + 1) * (width // output.shape[-1] + 1)
        case _:
            return 0


def _window(size: int | tuple[int, ...]) -> int:
    return size * size if isinstance(size, int) else math.prod(size)
