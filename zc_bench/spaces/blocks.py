"""Blocks of the networks of several spaces."""

from torch import nn


class ReluConvBn(nn.Sequential):
    """ReLU, convolution, batch normalisation.

    Args:
        c_in: channels of the input.
        c_out: channels of the output.
        kernel: its height and width, odd.
        stride: 2 halves the resolution.
    """

    def __init__(self, c_in: int, c_out: int, kernel: int, stride: int = 1) -> None:
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(c_in, c_out, kernel, stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(c_out),
        )


def size(module: nn.Module) -> int:
    """Count the parameters of a module."""
    return sum(parameter.numel() for parameter in module.parameters())
