"""The operations of a network's modules for one image, counted while the forward pass runs."""

import math
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn


@dataclass(frozen=True)
class LayerOperations:
    """The operations of the modules in one forward pass.

    Attributes:
        total: multiply-adds per image; None where the modules are not known to be all that
            computes.
    """

    total: int | None


class OperationCounter:
    """Counts what the layers of a network do to one image, while it runs.

    The count follows NAS-Bench-Suite-Zero, whose published numbers come from the package
    tensorwatch: convolutions and linear layers count multiply-adds, batch normalisation two per
    value (one without affine parameters), ReLU one per value, pooling one per value in its window.
    Additions, concatenations and transposed convolutions count zero.

    References:
        Krishnakumar et al. 2022, NAS-Bench-Suite-Zero, arXiv:2210.03230.
    """

    def __init__(self) -> None:
        self.total = 0

    def __call__(self, module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        """Hook: count one call of a layer."""
        with_indices = isinstance(module, nn.MaxPool2d) and module.return_indices
        self.total += _count(module, inputs, output[0] if with_indices else output)


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
            # As tensorwatch has it: the window is one larger than the map it averages, once per
            # output row and column.
            entered: Tensor = inputs[0]
            height, width = entered.shape[-2:]
            return values * (height // output.shape[-2] + 1) * (width // output.shape[-1] + 1)
        case _:
            return 0


def _window(size: int | tuple[int, ...]) -> int:
    return size * size if isinstance(size, int) else math.prod(size)
