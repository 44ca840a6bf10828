"""The networks of NAS-Bench-101: a stem, three stacks of three cells, a mean, a classifier.

References:
    Ying et al. 2019, NAS-Bench-101, arXiv:1902.09635, section 2 and appendix S1.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from zc_bench.spaces.nb101.cell import Cell

# Channels of the stem and the first stack. Each later stack doubles them.
_WIDTH = 128
_STACKS = 3
_CELLS_PER_STACK = 3

# The height and width of the convolutions; the third operation, pooling, has no weights.
_KERNELS = {"conv1x1-bn-relu": 1, "conv3x3-bn-relu": 3}


def build(cell: Cell, outputs: int) -> nn.Module:
    """Build a network: He et al.'s normal in convolutions, N(0, 0.01) in the classifier.

    Biases are zero. The mean over the image is an `AdaptiveAvgPool2d`. NAS-Bench-Suite-Zero uses
    `mean`, which its count of operations does not include.

    Args:
        cell: a pruned cell.
        outputs: K, the number of classes.

    Returns:
        A module from images (N, 3, H, W) to logits (N, K).
    """
    layers: list[nn.Module] = [_ConvBnRelu(3, _WIDTH, 3)]
    for place, (c_in, c_out) in enumerate(_shapes()):
        if place and place % _CELLS_PER_STACK == 0:
            layers.append(nn.MaxPool2d(2, stride=2))
        layers.append(_Cell(cell, c_in, c_out))
    network = nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c_out, outputs)
    )
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.01)
            nn.init.zeros_(module.bias)
    return network


def parameters(cell: Cell, outputs: int) -> int:
    """Count the parameters of a network without building it; arguments as for `build`."""
    cells = sum(_cell_size(cell, *shape) for shape in _shapes())
    features = _WIDTH << _STACKS - 1
    return _size(3, _WIDTH, 3) + cells + (features + 1) * outputs


def widths(cell: Cell, c_in: int, c_out: int) -> list[int]:
    """Return the channels of every vertex.

    The vertices with an edge to the output share its channels; the first of them have one more if
    there is a remainder. Other vertices have as many as the widest of their successors.

    Args:
        cell: a pruned cell.
        c_in: channels of the input.
        c_out: channels of the output.
    """
    found = [c_in, *[0] * (cell.last - 1), c_out]
    sharing = [source for source, target in cell.edges if source and target == cell.last]
    for place, vertex in enumerate(sharing):
        found[vertex] = c_out // len(sharing) + (place < c_out % len(sharing))
    for source, target in reversed(cell.edges):
        if source and source not in sharing:
            found[source] = max(found[source], found[target])
    return found


def _shapes() -> Iterator[tuple[int, int]]:
    """Yield the channels of the cells' inputs and outputs."""
    c_in = _WIDTH
    for stack in range(_STACKS):
        for _ in range(_CELLS_PER_STACK):
            yield c_in, _WIDTH << stack
            c_in = _WIDTH << stack


def _cell_size(cell: Cell, c_in: int, c_out: int) -> int:
    width = widths(cell, c_in, c_out)
    convolutions = [
        (c, c, _KERNELS[label])
        for c, label in zip(width, cell.labels, strict=True)
        if label in _KERNELS
    ]
    projections = [(c_in, width[target], 1) for source, target in cell.edges if not source]
    return sum(_size(*shape) for shape in convolutions + projections)


def _size(c_in: int, c_out: int, kernel: int) -> int:
    """Count the parameters of a convolution and its batch normalisation."""
    return c_out * (c_in * kernel**2 + 2)


class _ConvBnRelu(nn.Sequential):
    def __init__(self, c_in: int, c_out: int, kernel: int) -> None:
        super().__init__(
            nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(c_out),
            nn.ReLU(),
        )


def _operation(name: str, width: int) -> nn.Module:
    return (
        _ConvBnRelu(width, width, _KERNELS[name])
        if name in _KERNELS
        else nn.MaxPool2d(3, stride=1, padding=1)
    )


class _Cell(nn.Module):
    """Sums the inputs of a vertex, and concatenates the inputs of the output.

    The input is projected to the channels of each of its successors. Its projection is added to the
    concatenation. Another vertex may have one channel more than its successor, which then ignores
    the last one.
    """

    is_cell = True  # see `zc_bench.passes.cells`

    def __init__(self, cell: Cell, c_in: int, c_out: int) -> None:
        super().__init__()
        self.widths = widths(cell, c_in, c_out)
        self.sources = [
            [source for source, to in cell.edges if to == vertex]
            for vertex in range(len(cell.labels))
        ]
        self.projections = nn.ModuleDict(
            {
                str(vertex): _ConvBnRelu(c_in, self.widths[vertex], 1)
                for source, vertex in cell.edges
                if not source
            }
        )
        self.operations = nn.ModuleList(map(_operation, cell.labels[1:-1], self.widths[1:-1]))

    def forward(self, x: Tensor) -> Tensor:
        values = [x]
        for vertex, operation in enumerate(self.operations, 1):
            terms = [
                values[source][:, : self.widths[vertex]]
                for source in self.sources[vertex]
                if source
            ]
            terms += self._projected(x, vertex)
            values.append(operation(sum(terms[1:], terms[0])))
        joined = [values[source] for source in self.sources[-1] if source]
        terms = [torch.cat(joined, dim=1)] if joined else []
        terms += self._projected(x, len(values))
        return sum(terms[1:], terms[0])

    def _projected(self, x: Tensor, vertex: int) -> list[Tensor]:
        """Return the projection of the input to a vertex, if there is an edge."""
        return [self.projections[str(vertex)](x)] if 0 in self.sources[vertex] else []
