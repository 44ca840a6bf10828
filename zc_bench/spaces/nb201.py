"""NAS-Bench-201: 15,625 cells of six operations (Dong & Yang 2020, arXiv:2001.00326)."""

import random
import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations, product

import numpy as np
import torch
from torch import Tensor, nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.base import Architecture, CellGraph, space_registry
from zc_bench.spaces.blocks import ReluConvBn, size
from zc_bench.spaces.edge_cell import EdgeCell, digits_of
from zc_bench.spaces.expressions import write
from zc_bench.tasks import Task

# The digit of an operation in the canonical key is its index.
OPERATIONS = ("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3")

# The edges (from, to) in the order of the canonical key: by source. The native string is sorted by
# target.
EDGES = tuple(combinations(range(4), 2))
NATIVE_EDGES = tuple(sorted(EDGES, key=lambda edge: (edge[1], edge[0])))

# The order in the authors' code.
_AUTHORS_OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")

_CELL = EdgeCell("nb201", OPERATIONS, EDGES)
_NATIVE_EDGE = re.compile(r"(\w+)~(\d)")
_CELLS_PER_STAGE = 5
_WIDTHS = (16, 32, 64)


class NasBench201:
    """The NAS-Bench-201 search space.

    A cell has nodes 0..3 and an operation on each of its six edges. The canonical key lists the
    operations' digits in the order of `EDGES`; the native string of the authors,
    `|nor_conv_3x3~0|+|...|`, is sorted by target node.
    """

    name = "nb201"
    tasks: tuple[str, ...] = ("cifar10", "cifar100", "imagenet16-120")
    size = _CELL.size

    def parse(self, text: str) -> Architecture:
        """Read `(4, 0, 3, 1, 4, 3)` or `|nor_conv_3x3~0|+|...|`.

        Raises:
            ZcBenchError: if the text is neither.
        """
        found = _read_native(text) if "|" in text else _CELL.read_key(text)
        if found is None:
            message = (
                f"{text!r} is not a NAS-Bench-201 architecture: expected six digits 0..4 like '(4, 0, 3, 1, 4, 3)', "
                f"or '|op~0|+|op~0|op~1|+|op~0|op~1|op~2|' with op one of {', '.join(OPERATIONS)}."
            )
            raise ZcBenchError(message)
        return found

    def by_index(self, index: int) -> Architecture:
        """Return an architecture by its number in the authors' API, 0 .. 15624.

        Raises:
            ZcBenchError: if there is no such number.

        Examples:
            >>> str(NasBench201().by_index(0))
            '(4, 3, 3, 0, 0, 0)'
        """
        order = _official_order()
        if not index < len(order):
            message = (
                f"NAS-Bench-201 has no architecture {index}: its numbers are 0 to {len(order) - 1}."
            )
            raise ZcBenchError(message)
        return _CELL.architecture(order[index])

    def index_of(self, architecture: Architecture) -> int:
        """Return the number of an architecture in the authors' API."""
        return _official_order().index(digits_of(architecture))

    def native(self, architecture: Architecture) -> str:
        """Write the authors' string."""
        digits = dict(zip(EDGES, digits_of(architecture), strict=True))
        nodes = (
            "|"
            + "|".join(
                f"{OPERATIONS[digits[edge]]}~{edge[0]}" for edge in NATIVE_EDGES if edge[1] == node
            )
            + "|"
            for node in (1, 2, 3)
        )
        return "+".join(nodes)

    def canonical(self, architecture: Architecture) -> str:
        """Write the output as an expression in the input, without `none`, skips, order of terms."""
        return write(_CELL.output(architecture))

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the cell: operations on edges."""
        return _CELL.graphs(architecture)

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw uniformly from all 15,625 architectures."""
        return _CELL.sample(generator)

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the 24 architectures that differ in one operation."""
        return _CELL.neighbours(architecture)

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take the operation of each edge from either parent."""
        return _CELL.crossover(first, second, generator)

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Add the parameters of the operations in all 15 cells to those of the rest."""
        return _empty_size(task.outputs) + sum(
            _operation_size(OPERATIONS[digit]) for digit in digits_of(architecture)
        )

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the 15-cell network: 16, 32, 64 channels, batch normalisation affine, tracked."""
        return _Network(digits_of(architecture), task.outputs)


@cache
def _official_order() -> list[tuple[int, ...]]:
    """List the digits of all architectures as the authors number them.

    They list all cells edge by edge in the order of the native string, and shuffle the list with the
    seed 88 of Python's generator.
    """
    listed = list(product(_AUTHORS_OPERATIONS, repeat=len(EDGES)))
    random.Random(88).shuffle(listed)
    digits = {name: digit for digit, name in enumerate(OPERATIONS)}
    places = [NATIVE_EDGES.index(edge) for edge in EDGES]
    return [tuple(digits[cell[place]] for place in places) for cell in listed]


def _read_native(text: str) -> Architecture | None:
    parts = [part for part in re.split(r"[|+]+", text.strip()) if part]
    matches = [_NATIVE_EDGE.fullmatch(part) for part in parts]
    sources = [match and int(match[2]) for match in matches]
    if sources != [edge[0] for edge in NATIVE_EDGES] or any(
        m and m[1] not in OPERATIONS for m in matches
    ):
        return None
    digits = {
        edge: OPERATIONS.index(match[1])
        for edge, match in zip(NATIVE_EDGES, matches, strict=True)
        if match
    }
    return _CELL.architecture([digits[edge] for edge in EDGES])


class _Zero(nn.Module):
    """The operation `none`, x * 0 as in the authors' code, so that infinities become NaN."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 0.0


def _operation(name: str, width: int) -> nn.Module:
    match name:
        case "nor_conv_3x3":
            return ReluConvBn(width, width, 3)
        case "nor_conv_1x1":
            return ReluConvBn(width, width, 1)
        case "avg_pool_3x3":
            return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
        case "none":
            return _Zero()
        case _:
            return nn.Identity()


@cache
def _operation_size(name: str) -> int:
    """Count the parameters of one operation over all cells."""
    return sum(_CELLS_PER_STAGE * size(_operation(name, width)) for width in _WIDTHS)


@cache
def _empty_size(classes: int) -> int:
    """Count the parameters of the network whose cells hold only `none`."""
    with torch.device("meta"):
        network = _Network((OPERATIONS.index("none"),) * len(EDGES), classes)
    return size(network)


class _Cell(nn.Module):
    is_cell = True  # see `zc_bench.passes.cells`

    def __init__(self, digits: tuple[int, ...], width: int) -> None:
        super().__init__()
        named = dict(zip(EDGES, digits, strict=True))
        # The order is that of the native string, in which the code of the benchmark creates layers.
        self.edges = nn.ModuleList(
            _operation(OPERATIONS[named[edge]], width) for edge in NATIVE_EDGES
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


class _Reduction(nn.Module):
    """The residual block between stages: halves the resolution, doubles the width."""

    is_cell = True  # see `zc_bench.passes.cells`

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.body = nn.Sequential(ReluConvBn(c_in, c_out, 3, stride=2), ReluConvBn(c_out, c_out, 3))
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(2, stride=2), nn.Conv2d(c_in, c_out, 1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.shortcut(x) + self.body(x)
        return output


class _Network(nn.Sequential):
    def __init__(self, digits: tuple[int, ...], classes: int) -> None:
        width = _WIDTHS[0]
        layers: list[nn.Module] = [
            nn.Conv2d(3, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        ]
        for stage, width in enumerate(_WIDTHS):
            if stage:
                layers.append(_Reduction(_WIDTHS[stage - 1], width))
            layers += [_Cell(digits, width) for _ in range(_CELLS_PER_STAGE)]
        layers += [
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(width, classes),
        ]
        super().__init__(*layers)


space_registry.register(NasBench201.name, NasBench201())
