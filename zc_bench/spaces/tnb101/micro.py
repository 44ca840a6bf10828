"""TransNAS-Bench-101, micro: 4,096 cells (Duan et al. 2021, arXiv:2105.11871)."""

import re
from collections.abc import Iterator
from functools import cache, partial

import numpy as np
import torch
from torch import Tensor, nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.base import Architecture, CellGraph, space_registry
from zc_bench.spaces.blocks import ReluConvBn, size
from zc_bench.spaces.darts.layers import FactorizedReduce
from zc_bench.spaces.edge_cell import EdgeCell, digits_of
from zc_bench.spaces.expressions import write
from zc_bench.spaces.tnb101 import network as tnb101_network
from zc_bench.tasks import Task

# The digit of an operation is its index. The operations and their names are those of NAS-Bench-201.
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3")

# The edges (from, to) in the order of the key and of the native string: by target.
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))

# Modules 1, 3 and 5 double the channels and halve the resolution.
_MODULES = (4, 1, 4, 1, 4)
_CELL = EdgeCell("tnb101_micro", OPERATIONS, EDGES)
_NATIVE = re.compile(r"64-41414-([0-3])_([0-3]{2})_([0-3]{3})")


class TransNasBench101Micro:
    """The cell-level search space of TransNAS-Bench-101.

    A cell has nodes 0..3 and an operation on each of its six edges. The canonical key lists the
    operations' digits in the order of `EDGES`; the native string of the authors,
    `64-41414-1_02_333`, holds the same digits. The network has ten cells. Three of them halve the
    resolution and double the channels, on the edges of their input, where a skip connection is a
    `FactorizedReduce`.

    In 169 architectures the output does not depend on the image. They can be built, and their
    scores are invalid.
    """

    name = "tnb101_micro"
    tasks: tuple[str, ...] = tnb101_network.TASKS
    size = _CELL.size

    def parse(self, text: str) -> Architecture:
        """Read `(1, 0, 2, 3, 3, 3)` or `64-41414-1_02_333`.

        Raises:
            ZcBenchError: if the text is neither.
        """
        native = _NATIVE.fullmatch(text.strip())
        found = (
            _CELL.architecture([*map(int, "".join(native.groups()))])
            if native
            else _CELL.read_key(text)
        )
        if found is None:
            message = (
                f"{text!r} is not an architecture of TransNAS-Bench-101's micro space: expected six digits 0..3 like "
                "'(1, 0, 2, 3, 3, 3)' or '64-41414-1_02_333'."
            )
            raise ZcBenchError(message)
        return found

    def native(self, architecture: Architecture) -> str:
        """Write the authors' string."""
        digits = "".join(map(str, digits_of(architecture)))
        return f"64-41414-{digits[0]}_{digits[1:3]}_{digits[3:]}"

    def canonical(self, architecture: Architecture) -> str:
        """Write the outputs of both kinds of cells as expressions: keeping, halving resolution."""
        return " | ".join(
            write(_CELL.output(architecture, halving=halving)) for halving in (False, True)
        )

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the cell: operations on edges."""
        return _CELL.graphs(architecture)

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw uniformly from all 4,096 architectures."""
        return _CELL.sample(generator)

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the 18 architectures that differ in one operation."""
        return _CELL.neighbours(architecture)

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take the operation of each edge from either parent."""
        return _CELL.crossover(first, second, generator)

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Add up the parameters of stem, operations in all cells and head."""
        return tnb101_network.parameters(
            _MODULES, partial(_cell_size, digits_of(architecture)), task
        )

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the ten-cell network: 64 to 512 channels, batch normalisation affine, tracked."""
        return tnb101_network.build(_MODULES, partial(_Cell, digits_of(architecture)), task)


class _Zero(nn.Module):
    """The operation `none`, x * 0 as in the authors' code, so that infinities become NaN.

    Where the cell changes width and resolution, it returns zeros that do not depend on the input.
    """

    def __init__(self, c_out: int, stride: int) -> None:
        super().__init__()
        self.c_out = c_out
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        if self.stride == 1:
            return x * 0.0
        images, _, height, width = x.shape
        return x.new_zeros(
            images, self.c_out, (height + 1) // self.stride, (width + 1) // self.stride
        )


def _operation(name: str, c_in: int, c_out: int, stride: int) -> nn.Module:
    match name:
        case "none":
            return _Zero(c_out, stride)
        case "skip_connect":
            return nn.Identity() if stride == 1 else FactorizedReduce(c_in, c_out)
        case _:
            return ReluConvBn(c_in, c_out, int(name[-1]), stride)


def _edges(
    digits: tuple[int, ...], c_in: int, c_out: int, stride: int
) -> Iterator[tuple[str, int, int, int]]:
    """Yield the arguments of the operations of a cell; those on its input change the shape."""
    for (source, _), digit in zip(EDGES, digits, strict=True):
        yield (OPERATIONS[digit], *((c_out, c_out, 1) if source else (c_in, c_out, stride)))


def _cell_size(digits: tuple[int, ...], c_in: int, c_out: int, stride: int) -> int:
    return sum(_operation_size(*edge) for edge in _edges(digits, c_in, c_out, stride))


@cache
def _operation_size(name: str, c_in: int, c_out: int, stride: int) -> int:
    with torch.device("meta"):
        return size(_operation(name, c_in, c_out, stride))


class _Cell(nn.Module):
    is_cell = True  # see `zc_bench.passes.cells`

    def __init__(self, digits: tuple[int, ...], c_in: int, c_out: int, stride: int) -> None:
        super().__init__()
        self.edges = nn.ModuleList(
            _operation(*edge) for edge in _edges(digits, c_in, c_out, stride)
        )

    def forward(self, x: Tensor) -> Tensor:
        nodes = [x]
        edges = iter(self.edges)
        for _ in range(3):
            nodes.append(_sum([next(edges)(node) for node in nodes]))
        return nodes[-1]


def _sum(terms: list[Tensor]) -> Tensor:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


space_registry.register(TransNasBench101Micro.name, TransNasBench101Micro())
