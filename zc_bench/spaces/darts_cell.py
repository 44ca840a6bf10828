"""One DARTS cell as a network: how the authors of SWAP score DARTS genotypes (github.com/pym1024/SWAP).

Their ranking experiment asks for a DARTS network of one layer with three channels. A DARTS network reduces at one third
and at two thirds of its layers; with one layer both are layer 0, so the only cell is a reduction cell, and the normal
cell is never used. The cells are those of DARTS (Liu et al. 2019, arXiv:1806.09055), with the operation `none` allowed.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.base import Architecture, CellGraph, spaces
from zc_bench.spaces.expressions import Sum, add, apply, write
from zc_bench.tasks import Task

OPERATIONS = (
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)

# The node of every pair. Node i comes after i others, so this is also how many predecessors a pair can choose from.
NODES = (2, 2, 3, 3, 4, 4, 5, 5)

# An operation and the node that it reads: 0 and 1 are the inputs of the cell.
Pair = tuple[str, int]

_INPUTS = 2
_IMAGE_CHANNELS = 3
_WIDTH = 2 * _IMAGE_CHANNELS

_FIELDS = ("normal", "normal_concat", "reduce", "reduce_concat")
# The three ways in which people write that the cell gives out all its nodes.
_ALL_NODES = ("[2, 3, 4, 5]", "(2, 3, 4, 5)", "range(2, 6)")


class DartsCell:
    """The space of networks of one DARTS cell.

    A cell has two inputs, which are both the image, and the nodes 2..5. A node adds up two operations, each on any
    earlier node or input; both may read the same one. The canonical key lists the eight pairs of operation and
    predecessor, two for each node in turn. Keys that differ in the order of a node's two pairs are different
    architectures, as in the authors' file, although their networks compute the same.
    """

    name = "darts_cell"
    tasks: tuple[str, ...] = ("cifar10",)
    size = len(OPERATIONS) ** len(NODES) * (2 * 3 * 4 * 5) ** 2

    def parse(self, text: str) -> Architecture:
        """Read `(('sep_conv_3x3', 0), ...)`, or the reduction cell of `Genotype(...)`: its normal cell plays no part.

        Raises:
            ZcBenchError: if the text is neither, or the cell does not give out all its nodes.
        """
        try:
            # Never evaluated: literals are all that is read.
            cell = ast.literal_eval(_reduction_cell(ast.parse(text.strip(), mode="eval").body))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            cell = None
        valid = (
            isinstance(cell, list | tuple)
            and len(cell) == len(NODES)
            and all(_is_pair(pair, node) for pair, node in zip(cell, NODES, strict=True))
        )
        if not valid:
            raise _not_an_architecture(text)
        return _architecture((operation, predecessor) for operation, predecessor in cell)

    def native(self, architecture: Architecture) -> str:
        """Write `Genotype(...)`, with the cell as normal and as reduction cell, as the authors do."""
        cell, nodes = list(pairs(architecture)), _ALL_NODES[0]
        return f"Genotype(normal={cell}, normal_concat={nodes}, reduce={cell}, reduce_concat={nodes})"

    def canonical(self, architecture: Architecture) -> str:
        """Write every node as an expression in the two inputs, without `none` and the order of terms.

        All nodes are given out, so their order matters, and a skip connection from an input is an operation.
        """
        nodes: list[Sum] = [("x0",), ("x1",)]
        cell = pairs(architecture)
        for node in zip(cell[::2], cell[1::2], strict=True):
            nodes.append(add(_on_edge(operation, predecessor, nodes[predecessor]) for operation, predecessor in node))
        return "; ".join(map(write, nodes[_INPUTS:]))

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the cell: operations on edges, all nodes into the output."""
        edges = [
            (predecessor, node, operation)
            for node, (operation, predecessor) in zip(NODES, pairs(architecture), strict=True)
        ]
        edges += [(node, 6, "") for node in range(2, 6)]
        return (CellGraph("cell", ("input 0", "input 1", "0", "1", "2", "3", "output"), tuple(edges)),)

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw operations and predecessors uniformly."""
        operations = generator.integers(len(OPERATIONS), size=len(NODES)).tolist()
        predecessors = generator.integers(NODES).tolist()
        return _architecture(zip((OPERATIONS[place] for place in operations), predecessors, strict=True))

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the 76 architectures that differ in one operation or in one predecessor."""
        cell = pairs(architecture)
        for place, (operation, predecessor) in enumerate(cell):
            changed = [(other, predecessor) for other in OPERATIONS if other != operation]
            changed += [(operation, other) for other in range(NODES[place]) if other != predecessor]
            for pair in changed:
                yield _architecture((*cell[:place], pair, *cell[place + 1 :]))

    def crossover(self, first: Architecture, second: Architecture, generator: np.random.Generator) -> Architecture:
        """Take each pair from either parent."""
        choices = zip(pairs(first), pairs(second), generator.integers(2, size=len(NODES)), strict=True)
        return _architecture((one, other)[which] for one, other, which in choices)

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Add the operations' parameters to those of the network whose operations are all `none`."""
        return _empty_size(task.outputs) + sum(_operation_size(*pair) for pair in pairs(architecture))

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the network: the cell on the image, its average over the pixels, a linear classifier.

        The authors' network ends before the classifier but counts its parameters; with it, proxies that need a loss
        are defined too.
        """
        width = _WIDTH * len(set(NODES))
        return nn.Sequential(
            _Cell(pairs(architecture)), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, task.outputs)
        )


def pairs(architecture: Architecture) -> tuple[Pair, ...]:
    """Return the eight pairs of an architecture."""
    cell: tuple[Pair, ...] = ast.literal_eval(architecture.key)
    return cell


def _on_edge(operation: str, predecessor: int, source: Sum) -> Sum:
    if operation == "none":
        return ()
    # From an input it halves the resolution, with weights.
    return source if operation == "skip_connect" and predecessor >= _INPUTS else apply(operation, source)


def _architecture(cell: Iterable[Pair]) -> Architecture:
    return Architecture("darts_cell", str(tuple(cell)))


def _reduction_cell(expression: ast.expr) -> ast.expr:
    """Return the reduction cell of a whole `Genotype(...)`, and anything else as it is."""
    match expression:
        case ast.Call(func=ast.Name(id="Genotype"), args=[], keywords=keywords):
            whole = Counter(keyword.arg for keyword in keywords) == Counter(_FIELDS)
            fields = {keyword.arg: keyword.value for keyword in keywords}
            if whole and ast.unparse(fields["reduce_concat"]) in _ALL_NODES:
                return fields["reduce"]
    return expression


def _is_pair(pair: object, node: int) -> bool:
    match pair:
        case [str(operation), int(predecessor)]:
            # Not isinstance: to Python, True is a whole number.
            return operation in OPERATIONS and type(predecessor) is int and 0 <= predecessor < node
    return False


def _not_an_architecture(text: str) -> ZcBenchError:
    return ZcBenchError(
        f"{text!r} is not a DARTS cell: expected eight pairs like (('sep_conv_3x3', 0), ('none', 1), ...), two for "
        "each of the nodes 2 to 5 and each with an earlier node, or 'Genotype(normal=..., normal_concat=..., "
        f"reduce=[...], reduce_concat=[2, 3, 4, 5])'; operations are {', '.join(OPERATIONS)}."
    )


class _Zero(nn.Module):
    """The operation `none`: as the authors compute it, so that infinities stay visible as NaN."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, :: self.stride, :: self.stride] * 0.0


class _FactorizedReduce(nn.Module):
    """A skip connection that halves the resolution: half the channels read even pixels, the others odd ones."""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.even = nn.Conv2d(_WIDTH, _WIDTH // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(_WIDTH, _WIDTH - _WIDTH // 2, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(_WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x)
        # Drops the first row and column and adds zeros at the other end, so that odd sizes fit too.
        shifted = nn.functional.pad(x, (-1, 1, -1, 1))
        output: Tensor = self.norm(torch.cat([self.even(x), self.odd(shifted)], dim=1))
        return output


class _SeparableConvolution(nn.Sequential):
    def __init__(self, kernel: int, stride: int, dilation: int = 1) -> None:
        padding = dilation * (kernel // 2)
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(_WIDTH, _WIDTH, kernel, stride, padding, dilation, groups=_WIDTH, bias=False),
            nn.Conv2d(_WIDTH, _WIDTH, 1, bias=False),
            nn.BatchNorm2d(_WIDTH),
        )


def _operation(name: str, predecessor: int) -> nn.Module:
    # A reduction cell halves the resolution where it reads its inputs.
    stride = 2 if predecessor < _INPUTS else 1
    match name:
        case "none":
            return _Zero(stride)
        case "max_pool_3x3":
            return nn.MaxPool2d(3, stride, padding=1)
        case "avg_pool_3x3":
            return nn.AvgPool2d(3, stride, padding=1, count_include_pad=False)
        case "skip_connect":
            return nn.Identity() if stride == 1 else _FactorizedReduce()
        case "sep_conv_3x3" | "sep_conv_5x5":
            kernel = int(name[-1])
            return nn.Sequential(_SeparableConvolution(kernel, stride), _SeparableConvolution(kernel, 1))
        case _:
            return _SeparableConvolution(int(name[-1]), stride, dilation=2)


@cache
def _operation_size(name: str, predecessor: int) -> int:
    return _size(_operation(name, predecessor))


@cache
def _empty_size(classes: int) -> int:
    cell = _Cell((("none", 0),) * len(NODES))
    return _size(cell) + _size(nn.Linear(_WIDTH * len(set(NODES)), classes))


def _size(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


class _Cell(nn.Module):
    def __init__(self, cell: tuple[Pair, ...]) -> None:
        super().__init__()
        self.inputs = nn.ModuleList(
            nn.Sequential(nn.ReLU(), nn.Conv2d(_IMAGE_CHANNELS, _WIDTH, 1, bias=False), nn.BatchNorm2d(_WIDTH))
            for _ in range(_INPUTS)
        )
        self.operations = nn.ModuleList(_operation(*pair) for pair in cell)
        self.predecessors = [predecessor for _, predecessor in cell]

    def forward(self, image: Tensor) -> Tensor:
        nodes = [read(image) for read in self.inputs]
        terms = iter(zip(self.operations, self.predecessors, strict=True))
        # The same iterator twice: terms come in pairs, one node after the other.
        for (first, left), (second, right) in zip(terms, terms, strict=True):
            nodes.append(first(nodes[left]) + second(nodes[right]))
        return torch.cat(nodes[_INPUTS:], dim=1)


spaces.register(DartsCell.name, DartsCell())
