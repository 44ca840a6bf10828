"""One DARTS cell as a network, in which SWAP scores genotypes (github.com/pym1024/SWAP).

Their ranking experiment builds a DARTS network of one layer with three channels. The cells at one
third and two thirds of the layers of a DARTS network are reduction cells. With one layer, both are
layer 0: the only cell is a reduction cell, and the normal cell has no effect. The cells are those
of DARTS (Liu et al. 2019, arXiv:1806.09055), with the operation `none` allowed.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
import torch
from torch import nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.base import Architecture, CellGraph, space_registry
from zc_bench.spaces.blocks import size
from zc_bench.spaces.darts.genotype import (
    NODES,
    OPERATIONS,
    Genotype,
    Pair,
    Pairs,
    cell_graph,
    is_cell,
    read,
    write_genotype,
    write_nodes,
)
from zc_bench.spaces.darts.layers import Cell, operation_size, stride_of
from zc_bench.tasks import Task

_IMAGE_CHANNELS = 3
_WIDTH = 2 * _IMAGE_CHANNELS


class DartsCell:
    """The space of networks of one DARTS cell.

    A cell has two inputs, which are both the image, and the nodes 2..5. A node is the sum of two
    operations, each on an earlier node or input, which may be the same. The canonical key lists the
    eight pairs of operation and predecessor, two for each node in turn. Keys that differ in the
    order of the two pairs of a node are different architectures, as in the authors' file, although
    their networks compute the same.
    """

    name = "darts_cell"
    tasks: tuple[str, ...] = ("cifar10",)
    size = len(OPERATIONS) ** len(NODES) * (2 * 3 * 4 * 5) ** 2

    def parse(self, text: str) -> Architecture:
        """Read `(('sep_conv_3x3', 0), ...)`, or the reduction cell of `Genotype(...)`.

        Raises:
            ZcBenchError: if the text is neither, or the cell does not output all its nodes.
        """
        found = read(text)
        cell = found.reduce if isinstance(found, Genotype) else found
        if not is_cell(cell):
            raise _not_an_architecture(text)
        return _architecture((operation, predecessor) for operation, predecessor in cell)

    def native(self, architecture: Architecture) -> str:
        """Write `Genotype(...)`, with the cell as normal and as reduction cell."""
        cell = pairs(architecture)
        return write_genotype(cell, cell)

    def canonical(self, architecture: Architecture) -> str:
        """Write every node as an expression in the inputs, without `none` and order of terms."""
        return write_nodes(pairs(architecture), reduction=True)

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the cell: operations on edges, all nodes into the output."""
        return (cell_graph("cell", pairs(architecture)),)

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw operations and predecessors uniformly."""
        operations = generator.integers(len(OPERATIONS), size=len(NODES)).tolist()
        predecessors = generator.integers(NODES).tolist()
        return _architecture(
            zip((OPERATIONS[place] for place in operations), predecessors, strict=True)
        )

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the 76 architectures that differ in one operation or in one predecessor."""
        cell = pairs(architecture)
        for place, (operation, predecessor) in enumerate(cell):
            changed = [(other, predecessor) for other in OPERATIONS if other != operation]
            changed += [(operation, other) for other in range(NODES[place]) if other != predecessor]
            for pair in changed:
                yield _architecture((*cell[:place], pair, *cell[place + 1 :]))

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take each pair from either parent."""
        choices = zip(
            pairs(first), pairs(second), generator.integers(2, size=len(NODES)), strict=True
        )
        return _architecture((one, other)[which] for one, other, which in choices)

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Add the parameters of the operations to those of the rest of the network."""
        return _empty_size(task.outputs) + sum(
            operation_size(name, _WIDTH, stride_of(predecessor, reduction=True))
            for name, predecessor in pairs(architecture)
        )

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the network: the cell on the image, the mean over pixels, a linear classifier.

        The authors' network ends before the classifier, but its parameter count includes it. With
        the classifier, proxies that need a loss are defined as well.
        """
        return _network(pairs(architecture), task.outputs)


def pairs(architecture: Architecture) -> Pairs:
    """Return the eight pairs of an architecture."""
    cell: Pairs = ast.literal_eval(architecture.key)
    return cell


def _architecture(cell: Iterable[Pair]) -> Architecture:
    return Architecture("darts_cell", str(tuple(cell)))


def _network(cell: Pairs, classes: int) -> nn.Sequential:
    return nn.Sequential(
        Cell(cell, (_IMAGE_CHANNELS, _IMAGE_CHANNELS), _WIDTH, reduction=True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(_WIDTH * len(set(NODES)), classes),
    )


@cache
def _empty_size(classes: int) -> int:
    """Count the parameters of the network whose operations are all `none`."""
    with torch.device("meta"):
        return size(_network((("none", 0),) * len(NODES), classes))


def _not_an_architecture(text: str) -> ZcBenchError:
    return ZcBenchError(
        f"{text!r} is not a DARTS cell: expected eight pairs like (('sep_conv_3x3', 0), ('none', 1), ...), two for "
        "each of the nodes 2 to 5 and each with an earlier node, or 'Genotype(normal=..., normal_concat=..., "
        f"reduce=[...], reduce_concat=[2, 3, 4, 5])'; operations are {', '.join(OPERATIONS)}."
    )


space_registry.register(DartsCell.name, DartsCell())
