"""The operations and the cell of DARTS (Liu et al. 2019, arXiv:1806.09055, section 3.1)."""

from functools import cache

import torch
from torch import Tensor, nn

from zc_bench.spaces.blocks import size
from zc_bench.spaces.darts.genotype import INPUTS, Pairs, by_node


class Cell(nn.Module):
    """A cell: it projects its inputs to its width, and concatenates its nodes.

    Args:
        pairs: pairs of operation and predecessor, two for each node in turn.
        channels: the channels of the two inputs: the outputs of the cell before the previous one,
            and of the previous one.
        width: C, the channels of a node.
        reduction: whether operations on the inputs halve the resolution.
        after_reduction: whether the first input has twice the resolution of the second.
        affine: whether batch normalisation in operations has a scale and a shift. Without them,
            poolings have a batch normalisation too, as in the search network of DARTS.
    """

    is_cell = True  # see `zc_bench.passes.cells`

    def __init__(
        self,
        pairs: Pairs,
        channels: tuple[int, int],
        width: int,
        *,
        reduction: bool,
        after_reduction: bool = False,
        affine: bool = True,
    ) -> None:
        super().__init__()
        before, previous = channels
        first = FactorizedReduce(before, width) if after_reduction else _Projection(before, width)
        self.inputs = nn.ModuleList([first, _Projection(previous, width)])
        self.operations = nn.ModuleList(
            operation(name, width, stride_of(predecessor, reduction=reduction), affine=affine)
            for name, predecessor in pairs
        )
        self.predecessors = [predecessor for _, predecessor in pairs]

    def forward(
        self, previous: Tensor, before: Tensor | None = None, drop_path: float = 0.0
    ) -> Tensor:
        """Compute the nodes.

        Args:
            previous: (N, C, H, W), the second input.
            before: the first input; None means the same as the second.
            drop_path: the probability that a term is left out for an image in training. Identities
                always stay.

        Returns:
            (N, 4 * width, H, W), or half of H and W for a reduction cell.
        """
        sources = (previous if before is None else before, previous)
        nodes = [read(source) for read, source in zip(self.inputs, sources, strict=True)]
        # A generator, because later terms read nodes that earlier ones append.
        terms = (
            self._term(operation, nodes[predecessor], drop_path)
            for operation, predecessor in zip(self.operations, self.predecessors, strict=True)
        )
        for first, second in by_node(terms):
            nodes.append(first + second)
        return torch.cat(nodes[INPUTS:], dim=1)

    def _term(self, operation: nn.Module, source: Tensor, drop_path: float) -> Tensor:
        term: Tensor = operation(source)
        if not self.training or not drop_path or isinstance(operation, nn.Identity):
            return term
        # The other images are scaled up, as in dropout.
        kept = torch.rand(len(term), 1, 1, 1, device=term.device) >= drop_path
        return term * kept / (1 - drop_path)


def stride_of(predecessor: int, *, reduction: bool) -> int:
    """Return the stride of an operation: 2 in a reduction cell on its inputs, else 1."""
    return 2 if reduction and predecessor < INPUTS else 1


def operation(name: str, width: int, stride: int, *, affine: bool = True) -> nn.Module:
    """Build an operation.

    Args:
        name: one of `OPERATIONS`.
        width: C, channels in and out.
        stride: 1 or 2.
        affine: as for a cell.
    """
    match name:
        case "none":
            return _Zero(stride)
        case "max_pool_3x3":
            return _normalised(nn.MaxPool2d(3, stride, padding=1), width, affine)
        case "avg_pool_3x3":
            return _normalised(
                nn.AvgPool2d(3, stride, padding=1, count_include_pad=False), width, affine
            )
        case "skip_connect":
            return nn.Identity() if stride == 1 else FactorizedReduce(width, width, affine=affine)
        case "sep_conv_3x3" | "sep_conv_5x5":
            sizes = ((int(name[-1]), stride), (int(name[-1]), 1))
            return nn.Sequential(
                *(_SeparableConvolution(width, *size, affine=affine) for size in sizes)
            )
        case _:
            return _SeparableConvolution(width, int(name[-1]), stride, dilation=2, affine=affine)


@cache
def operation_size(name: str, width: int, stride: int, *, affine: bool = True) -> int:
    """Count the parameters of an operation."""
    with torch.device("meta"):
        return size(operation(name, width, stride, affine=affine))


class _Zero(nn.Module):
    """The operation `none`, x * 0 as in the authors' code, so that infinities become NaN."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, :: self.stride, :: self.stride] * 0.0


def _normalised(pooling: nn.Module, width: int, affine: bool) -> nn.Module:
    return pooling if affine else nn.Sequential(pooling, nn.BatchNorm2d(width, affine=False))


class _Projection(nn.Sequential):
    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__(nn.ReLU(), nn.Conv2d(c_in, c_out, 1, bias=False), nn.BatchNorm2d(c_out))


class FactorizedReduce(nn.Module):
    """Halve the resolution by 1x1 convolutions: half the channels read even pixels, half odd ones.

    Args:
        c_in: channels.
        c_out: channels.
        affine: whether its batch normalisation has a scale and a shift.
    """

    def __init__(self, c_in: int, c_out: int, *, affine: bool = True) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.even = nn.Conv2d(c_in, c_out // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(c_in, c_out - c_out // 2, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(c_out, affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to half of H and W, rounded up."""
        x = self.relu(x)
        # Drop the first row and column, and add zeros at the end, so that odd sizes fit too.
        shifted = nn.functional.pad(x, (-1, 1, -1, 1))
        output: Tensor = self.norm(torch.cat([self.even(x), self.odd(shifted)], dim=1))
        return output


class _SeparableConvolution(nn.Sequential):
    def __init__(
        self, width: int, kernel: int, stride: int, dilation: int = 1, *, affine: bool
    ) -> None:
        padding = dilation * (kernel // 2)
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(width, width, kernel, stride, padding, dilation, groups=width, bias=False),
            nn.Conv2d(width, width, 1, bias=False),
            nn.BatchNorm2d(width, affine=affine),
        )
