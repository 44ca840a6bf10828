"""The space of pairs of DARTS cells, a normal and a reduction cell, for several networks."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import numpy as np
from torch import nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.base import Architecture, CellGraph
from zc_bench.spaces.darts.genotype import (
    NODES,
    OPERATIONS,
    Genotype,
    Pair,
    Pairs,
    by_node,
    cell_graph,
    is_cell,
    read,
    write_genotype,
    write_nodes,
)
from zc_bench.spaces.darts.network import Cells, Network, Skeleton, network_size
from zc_bench.tasks import Task

# The digit of an operation in the canonical key is its place here: there is no `none`.
DIGITS = OPERATIONS[1:]

# Two different predecessors for each node: 1 * 3 * 6 * 10 choices per cell.
_CELLS = 1 * 3 * 6 * 10 * len(DIGITS) ** len(NODES)


class DartsSpace:
    """A space of architectures of two DARTS cells.

    A node of a cell is the sum of two operations on two different earlier nodes or inputs. The
    canonical key is the compact form of NAS-Bench-Suite-Zero: the normal and the reduction cell, in
    each eight pairs of predecessor and operation's digit. The two pairs of a node are sorted by
    predecessor, because their order does not change the network.

    Attributes:
        name: what users type.
        skeletons: the form of the network, by task.
        tasks: the names of the tasks.
        size: the number of distinct keys: (1 * 3 * 6 * 10 * 7^8)^2, about 10^18.
    """

    size = _CELLS**2

    def __init__(self, name: str, skeletons: Mapping[str, Skeleton]) -> None:
        self.name = name
        self.skeletons = skeletons
        self.tasks: tuple[str, ...] = tuple(skeletons)

    def parse(self, text: str) -> Architecture:
        """Read `(((0, 3), (1, 3), ...), (...))` or `Genotype(normal=[...], ...)`.

        Raises:
            ZcBenchError: if the text is neither, or a cell does not output all its nodes.
        """
        match read(text):
            case Genotype(normal, reduce):
                found = (normal, reduce)
            case [normal, reduce]:
                found = (_named(normal), _named(reduce))
            case _:
                raise _not_an_architecture(text)
        cells = tuple(_ordered(cell) for cell in found if is_cell(cell))
        if len(cells) != len(found) or not all(map(_in_space, cells)):
            raise _not_an_architecture(text)
        return self._architecture(cells)

    def native(self, architecture: Architecture) -> str:
        """Write `Genotype(...)`, as the authors of DARTS do."""
        return write_genotype(*cells_of(architecture))

    def canonical(self, architecture: Architecture) -> str:
        """Write every node as an expression in the inputs of its cell, without order of terms."""
        normal, reduction = cells_of(architecture)
        return f"{write_nodes(normal, reduction=False)} | {write_nodes(reduction, reduction=True)}"

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return both cells: operations on edges, all nodes into the output."""
        named = zip(("normal cell", "reduction cell"), cells_of(architecture), strict=True)
        return tuple(cell_graph(name, pairs) for name, pairs in named)

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw, for every node, two different predecessors and two operations uniformly."""
        return self._architecture([_sample_cell(generator) for _ in range(2)])

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the 120 architectures that differ in one operation or in one predecessor."""
        normal, reduction = cells_of(architecture)
        for changed in changes(normal):
            yield self._architecture((changed, reduction))
        for changed in changes(reduction):
            yield self._architecture((normal, changed))

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take each node, with both pairs, from either parent, so that its predecessors differ."""
        ours, theirs = (list(by_node(chain(*cells_of(parent)))) for parent in (first, second))
        choices = zip(ours, theirs, generator.integers(2, size=len(ours)), strict=True)
        pairs = tuple(chain.from_iterable((one, other)[which] for one, other, which in choices))
        return self._architecture((pairs[: len(NODES)], pairs[len(NODES) :]))

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Add the parameters of the operations in all cells to those of the rest of the network."""
        return network_size(cells_of(architecture), task.outputs, self.skeletons[task.name])

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the network, without auxiliary classifier and without drop path."""
        return Network(cells_of(architecture), task.outputs, self.skeletons[task.name])

    def _architecture(self, cells: Iterable[Pairs]) -> Architecture:
        compact = (
            tuple((predecessor, DIGITS.index(name)) for name, predecessor in pairs)
            for pairs in cells
        )
        return Architecture(self.name, str(tuple(compact)))


def cells_of(architecture: Architecture) -> Cells:
    """Return an architecture's normal cell and its reduction cell."""
    normal, reduction = ast.literal_eval(architecture.key)
    return _named_pairs(normal), _named_pairs(reduction)


def _named_pairs(cell: Iterable[tuple[int, int]]) -> Pairs:
    return tuple((DIGITS[digit], predecessor) for predecessor, digit in cell)


def _named(cell: object) -> object:
    """Convert predecessors and digits to operations and predecessors; None if it is no cell."""
    if isinstance(cell, list | tuple) and all(_is_compact(pair) for pair in cell):
        return _named_pairs(cell)
    return None


def _is_compact(pair: object) -> bool:
    match pair:
        case [int(), int(digit)]:
            return type(digit) is int and 0 <= digit < len(DIGITS)
    return False


def _ordered(cell: Iterable[Pair]) -> Pairs:
    return tuple(
        chain.from_iterable(sorted(node, key=lambda pair: pair[1]) for node in by_node(cell))
    )


def _in_space(pairs: Pairs) -> bool:
    """Return whether no operation is `none` and no node reads another one twice."""
    return all(name in DIGITS for name, _ in pairs) and all(
        one[1] != other[1] for one, other in by_node(pairs)
    )


def _sample_cell(generator: np.random.Generator) -> Pairs:
    predecessors = chain.from_iterable(
        sorted(generator.choice(node, 2, replace=False).tolist()) for node in NODES[::2]
    )
    digits = generator.integers(len(DIGITS), size=len(NODES)).tolist()
    return tuple(
        (DIGITS[digit], predecessor)
        for digit, predecessor in zip(digits, predecessors, strict=True)
    )


def changes(pairs: Pairs) -> Iterator[Pairs]:
    """Yield the cells that differ in one operation or in one predecessor."""
    for place, (name, predecessor) in enumerate(pairs):
        taken = {source for _, source in pairs[place // 2 * 2 :][:2]}
        changed = [(other, predecessor) for other in DIGITS if other != name]
        changed += [(name, other) for other in range(NODES[place]) if other not in taken]
        for pair in changed:
            yield _ordered((*pairs[:place], pair, *pairs[place + 1 :]))


def _not_an_architecture(text: str) -> ZcBenchError:
    return ZcBenchError(
        f"{text!r} is not a pair of DARTS cells: expected '(((0, 3), (1, 3), ...), (...))', a normal and a reduction "
        "cell of eight pairs of predecessor and operation 0..6, two for each of the nodes 2 to 5 and from different "
        "earlier nodes, or 'Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=[2, 3, 4, 5], reduce=[...], "
        f"reduce_concat=[2, 3, 4, 5])'; operations are, from 0, {', '.join(DIGITS)}."
    )
