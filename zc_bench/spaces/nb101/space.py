"""NAS-Bench-101: 423,624 cells of up to seven vertices (Ying et al. 2019, arXiv:1902.09635)."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from torch import nn

from zc_bench.spaces.base import Architecture, CellGraph, space_registry
from zc_bench.spaces.nb101 import network as nb101_network
from zc_bench.spaces.nb101.cell import INPUT, MAX_VERTICES, OPERATIONS, OUTPUT, Cell
from zc_bench.spaces.nb101.text import read, read_key, write_key, write_native
from zc_bench.tasks import Task

_EDGES = tuple(combinations(range(MAX_VERTICES), 2))

# The number of mixtures of two parents that are tried before one parent is returned.
_ATTEMPTS = 100


class NasBench101:
    """The NAS-Bench-101 search space.

    A cell is a graph of at most seven vertices; those between the first and the last have an
    operation. The canonical key of n vertices lists the n * n digits of the adjacency matrix and
    then n digits of operations: 0 input, 1 output, 2 maxpool3x3, 3 conv1x1-bn-relu, 4
    conv3x3-bn-relu. Vertices on no path from the input to the output stay in the key and are not in
    the network, as in the authors' code.

    `size` counts distinct cells as the authors do: cells with equal canonical forms are one. Their
    networks may differ by a few channels, because the remainder of an uneven split goes to the
    vertices with the lowest numbers.
    """

    name = "nb101"
    tasks: tuple[str, ...] = ("cifar10",)
    size = 423_624

    def parse(self, text: str) -> Architecture:
        """Read a key, `{"matrix": [...], "ops": [...]}`, `([...], [...])` or `0100 input,output`.

        Raises:
            ZcBenchError: if the text is none of these, or the cell is too large or not connected.
        """
        return _architecture(read(text))

    def native(self, architecture: Architecture) -> str:
        """Write the authors' `ModelSpec` as JSON."""
        return write_native(read_key(architecture.key))

    def canonical(self, architecture: Architecture) -> str:
        """Write the key of the canonical numbering of the graph, without superfluous vertices."""
        return write_key(read_key(architecture.key).canonical())

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the cell, without superfluous vertices: operations on nodes."""
        cell = read_key(architecture.key).pruned()
        return (CellGraph("cell", cell.labels, tuple((*edge, "") for edge in cell.edges)),)

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw every edge and operation of seven vertices independently, until the cell is valid.

        The authors and NAS-Bench-Suite-Zero do the same. The distribution over distinct cells is
        not uniform: cells with many numberings are more likely.
        """
        while True:
            edges = (
                edge
                for edge, drawn in zip(_EDGES, generator.integers(2, size=len(_EDGES)), strict=True)
                if drawn
            )
            operations = (
                OPERATIONS[digit]
                for digit in generator.integers(len(OPERATIONS), size=MAX_VERTICES - 2)
            )
            cell = Cell(tuple(edges), (INPUT, *operations, OUTPUT))
            if not cell.fault():
                return _architecture(cell)

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield architectures with one edge more or less, or another operation on one vertex."""
        cell = read_key(architecture.key)
        for edge in combinations(range(len(cell.labels)), 2):
            neighbour = Cell(tuple(sorted({*cell.edges} ^ {edge})), cell.labels)
            if not neighbour.fault():
                yield _architecture(neighbour)
        for vertex in range(1, cell.last):
            for operation in OPERATIONS:
                if operation != cell.labels[vertex]:
                    labels = (*cell.labels[:vertex], operation, *cell.labels[vertex + 1 :])
                    yield _architecture(Cell(cell.edges, labels))

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take every edge and every operation from either parent, until the cell is valid.

        If the parents differ in size, the smaller one is extended by the other's further vertices,
        without edges. If no valid mixture is found, the child is one of the parents.
        """
        one, other = read_key(first.key), read_key(second.key)
        one, other = one.widened(other), other.widened(one)
        for _ in range(_ATTEMPTS):
            child = _mixed(one, other, generator)
            if not child.fault():
                return _architecture(child)
        return (first, second)[generator.integers(2)]

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Add up the parameters of stem, convolutions, projections and head."""
        return nb101_network.parameters(read_key(architecture.key).pruned(), task.outputs)

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the nine-cell network: 128 to 512 channels, batch normalisation affine, tracked."""
        return nb101_network.build(read_key(architecture.key).pruned(), task.outputs)


def _architecture(cell: Cell) -> Architecture:
    return Architecture("nb101", write_key(cell))


def _mixed(one: Cell, other: Cell, generator: np.random.Generator) -> Cell:
    """Draw every edge and operation from one of two cells of equal size."""
    size = len(one.labels)
    possible = tuple(combinations(range(size), 2))
    edges = zip(possible, generator.integers(2, size=len(possible)), strict=True)
    labels = zip(one.labels, other.labels, generator.integers(2, size=size), strict=True)
    return Cell(
        tuple(edge for edge, which in edges if edge in (one, other)[which].edges),
        tuple(pair[which] for *pair, which in labels),
    )


space_registry.register(NasBench101.name, NasBench101())
