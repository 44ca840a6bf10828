"""NAS-Bench-201: a cell of six operations, 15,625 architectures (Dong & Yang 2020, arXiv:2001.00326)."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations

import numpy as np
from torch import Tensor, nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.base import Architecture, CellGraph, spaces
from zc_bench.spaces.digits import read_digits
from zc_bench.spaces.expressions import Sum, add, apply, write
from zc_bench.tasks import Task

# The digit of an operation in the canonical key is its place here.
OPERATIONS = ("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3")

# The edges (from, to) in the order of the canonical key: by source. The native string goes by target.
EDGES = tuple(combinations(range(4), 2))
NATIVE_EDGES = tuple(sorted(EDGES, key=lambda edge: (edge[1], edge[0])))

_NATIVE_EDGE = re.compile(r"(\w+)~(\d)")
_CELLS_PER_STAGE = 5
_WIDTHS = (16, 32, 64)


class NasBench201:
    """The NAS-Bench-201 search space.

    A cell has nodes 0..3 and an operation on each of its six edges. The canonical key lists the operations' digits in
    the order of `EDGES`; the native string of the authors, `|nor_conv_3x3~0|+|...|`, goes by target node.
    """

    name = "nb201"
    tasks: tuple[str, ...] = ("cifar10", "cifar100", "imagenet16-120")
    size = len(OPERATIONS) ** len(EDGES)

    def parse(self, text: str) -> Architecture:
        """Read `(4, 0, 3, 1, 4, 3)` or `|nor_conv_3x3~0|+|...|`.

        Raises:
            ZcBenchError: if the text is neither.
        """
        return _architecture(_read_native(text) if "|" in text else _read_key(text))

    def native(self, architecture: Architecture) -> str:
        """Write the authors' string."""
        digits = dict(zip(EDGES, operations(architecture), strict=True))
        nodes = (
            "|" + "|".join(f"{OPERATIONS[digits[edge]]}~{edge[0]}" for edge in NATIVE_EDGES if edge[1] == node) + "|"
            for node in (1, 2, 3)
        )
        return "+".join(nodes)

    def canonical(self, architecture: Architecture) -> str:
        """Write the output as an expression in the input, without `none`, skips and the order of terms.

        An operation on nothing is nothing: convolutions have no bias.
        """
        named = dict(zip(EDGES, operations(architecture), strict=True))
        nodes: list[Sum] = [("x",)]
        for node in (1, 2, 3):
            nodes.append(add(_on_edge(OPERATIONS[named[source, node]], nodes[source]) for source in range(node)))
        return write(nodes[-1])

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the cell: operations on edges."""
        digits = operations(architecture)
        edges = tuple((*edge, OPERATIONS[digit]) for edge, digit in zip(EDGES, digits, strict=True))
        return (CellGraph("cell", ("input", "1", "2", "output"), edges),)

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw uniformly from all 15,625 architectures."""
        return _architecture(generator.integers(len(OPERATIONS), size=len(EDGES)).tolist())

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the 24 architectures that differ in one operation."""
        digits = operations(architecture)
        for place, old in enumerate(digits):
            for new in range(len(OPERATIONS)):
                if new != old:
                    yield _architecture((*digits[:place], new, *digits[place + 1 :]))

    def crossover(self, first: Architecture, second: Architecture, generator: np.random.Generator) -> Architecture:
        """Take the operation of each edge from either parent."""
        choices = zip(operations(first), operations(second), generator.integers(2, size=len(EDGES)), strict=True)
        return _architecture([(one, other)[which] for one, other, which in choices])

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Add the operations' parameters, every one in all 15 cells, to those of the network of empty cells."""
        return _empty_size(task.outputs) + sum(_operation_size(OPERATIONS[digit]) for digit in operations(architecture))

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the 15-cell network: 16, 32 and 64 channels, batch normalisation affine and tracked."""
        return _Network(operations(architecture), task.outputs)


def operations(architecture: Architecture) -> tuple[int, ...]:
    """Return the digits of an architecture's operations, in the order of `EDGES`."""
    digits: tuple[int, ...] = ast.literal_eval(architecture.key)
    return digits


def _architecture(digits: tuple[int, ...] | list[int]) -> Architecture:
    return Architecture("nb201", str(tuple(digits)))


def _on_edge(operation: str, source: Sum) -> Sum:
    match operation:
        case "none":
            return ()
        case "skip_connect":
            return source
        case _:
            return apply(operation, source)


def _read_key(text: str) -> tuple[int, ...]:
    digits = read_digits(text)
    if len(digits) != len(EDGES) or not all(0 <= digit < len(OPERATIONS) for digit in digits):
        raise _not_an_architecture(text)
    return digits


def _read_native(text: str) -> tuple[int, ...]:
    parts = [part for part in re.split(r"[|+]+", text.strip()) if part]
    matches = [_NATIVE_EDGE.fullmatch(part) for part in parts]
    sources = [match and int(match[2]) for match in matches]
    if sources != [edge[0] for edge in NATIVE_EDGES] or any(m and m[1] not in OPERATIONS for m in matches):
        raise _not_an_architecture(text)
    digits = {edge: OPERATIONS.index(match[1]) for edge, match in zip(NATIVE_EDGES, matches, strict=True) if match}
    return tuple(digits[edge] for edge in EDGES)


def _not_an_architecture(text: str) -> ZcBenchError:
    return ZcBenchError(
        f"{text!r} is not a NAS-Bench-201 architecture: expected six digits 0..4 like '(4, 0, 3, 1, 4, 3)', "
        f"or '|op~0|+|op~0|op~1|+|op~0|op~1|op~2|' with op one of {', '.join(OPERATIONS)}."
    )


class _ReluConvBn(nn.Sequential):
    def __init__(self, c_in: int, c_out: int, kernel: int, stride: int = 1) -> None:
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(c_in, c_out, kernel, stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(c_out),
        )


class _Zero(nn.Module):
    """The operation `none`: as the benchmark computes it, so that infinities stay visible as NaN."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 0.0


def _operation(name: str, width: int) -> nn.Module:
    match name:
        case "nor_conv_3x3":
            return _ReluConvBn(width, width, 3)
        case "nor_conv_1x1":
            return _ReluConvBn(width, width, 1)
        case "avg_pool_3x3":
            return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
        case "none":
            return _Zero()
        case _:
            return nn.Identity()


@cache
def _operation_size(name: str) -> int:
    """Count the parameters of one operation over all cells."""
    return sum(_CELLS_PER_STAGE * _size(_operation(name, width)) for width in _WIDTHS)


@cache
def _empty_size(classes: int) -> int:
    """Count the parameters of the network whose cells hold only `none`."""
    return _size(_Network((OPERATIONS.index("none"),) * len(EDGES), classes))


def _size(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


class _Cell(nn.Module):
    def __init__(self, digits: tuple[int, ...], width: int) -> None:
        super().__init__()
        named = dict(zip(EDGES, digits, strict=True))
        # In the order of the native string, as the benchmark's own code creates its layers.
        self.edges = nn.ModuleList(_operation(OPERATIONS[named[edge]], width) for edge in NATIVE_EDGES)

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

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.body = nn.Sequential(_ReluConvBn(c_in, c_out, 3, stride=2), _ReluConvBn(c_out, c_out, 3))
        self.shortcut = nn.Sequential(nn.AvgPool2d(2, stride=2), nn.Conv2d(c_in, c_out, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.shortcut(x) + self.body(x)
        return output


class _Network(nn.Sequential):
    def __init__(self, digits: tuple[int, ...], classes: int) -> None:
        width = _WIDTHS[0]
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)]
        for stage, width in enumerate(_WIDTHS):
            if stage:
                layers.append(_Reduction(_WIDTHS[stage - 1], width))
            layers += [_Cell(digits, width) for _ in range(_CELLS_PER_STAGE)]
        layers += [nn.BatchNorm2d(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes)]
        super().__init__(*layers)


spaces.register(NasBench201.name, NasBench201())
