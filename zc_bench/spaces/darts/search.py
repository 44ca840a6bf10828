"""The space of SWAP-NAS: one DARTS cell, stacked after the search (arXiv:2403.04161).

"The search algorithm only needs to focus on finding a good micro-structure for one cell, which is a
shallow network. The final model after the search can be easily reconstructed by stacking this cell
network together repetitively" (appendix C.1). The shallow network is that of `darts_cell`. Its
parameters are counted in thousands: 0.5 to 2.5 for CIFAR-10 (section 4.3), 25 to 27.5 for ImageNet
(appendix A), whose classifier alone has 25.
"""

from collections.abc import Iterator

import numpy as np
from torch import nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.base import Architecture, CellGraph, SearchSpace, space_registry
from zc_bench.spaces.darts.genotype import Genotype, Pairs, is_cell, read, write_genotype
from zc_bench.spaces.darts.one_cell import DartsCell, pairs
from zc_bench.spaces.darts.space import DIGITS, DartsSpace, cells_of, changes
from zc_bench.tasks import Task

# The module of pairs of cells defines which cells are allowed and how they vary. Here both
# cells of a pair are equal. The network is that of one cell.
_PAIRS = DartsSpace("darts", {})
_CELL: SearchSpace = DartsCell()


class DartsSearch:
    """The space of DARTS cells for stacked networks.

    The canonical key is that of `darts_cell`: eight pairs of operation and predecessor, two for
    each node. There is no `none`. The two predecessors of a node differ, and its pairs are in their
    order. The native string is a genotype of the space `darts`, in which both cells are this cell.
    """

    name = "darts_search"
    tasks: tuple[str, ...] = ("cifar10", "imagenet")
    # Two different predecessors for each of four nodes, seven operations on each.
    size = 1 * 3 * 6 * 10 * 7**8

    def parse(self, text: str) -> Architecture:
        """Read `(('sep_conv_3x3', 0), ...)`, or a `Genotype(...)` whose two cells are the same.

        Raises:
            ZcBenchError: if the text is neither, or the cell cannot be stacked.
        """
        found = read(text)
        normal, reduction = (
            (found.normal, found.reduce) if isinstance(found, Genotype) else (found, found)
        )
        if not is_cell(normal) or not is_cell(reduction):
            raise _not_an_architecture(text)
        try:
            cell, other = cells_of(_PAIRS.parse(write_genotype(normal, reduction)))
        except ZcBenchError as error:
            raise _not_an_architecture(text) from error
        if cell != other:
            raise _not_an_architecture(text)
        return self._architecture(cell)

    def native(self, architecture: Architecture) -> str:
        """Write `Genotype(...)`, with the cell as normal and as reduction cell."""
        cell = pairs(architecture)
        return write_genotype(cell, cell)

    def canonical(self, architecture: Architecture) -> str:
        """Write every node as an expression in the two inputs, without the order of terms."""
        return _CELL.canonical(architecture)

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the cell: operations on edges, all nodes into the output."""
        return _CELL.graphs(architecture)

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw, for every node, two different predecessors and two operations uniformly."""
        return self._architecture(cells_of(_PAIRS.sample(generator))[0])

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the 60 architectures that differ in one operation or in one predecessor."""
        return map(self._architecture, changes(pairs(architecture)))

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take each node, with both pairs, from either parent, so that its predecessors differ."""
        child = _PAIRS.crossover(self._twice(first), self._twice(second), generator)
        return self._architecture(cells_of(child)[0])

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Count the parameters of the network of one cell."""
        return _CELL.parameters(architecture, task)

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the network of one cell: a reduction cell, the mean over pixels, a classifier."""
        return _CELL.build(architecture, task)

    def _architecture(self, cell: Pairs) -> Architecture:
        return Architecture(self.name, str(cell))

    def _twice(self, architecture: Architecture) -> Architecture:
        return _PAIRS.parse(self.native(architecture))


def _not_an_architecture(text: str) -> ZcBenchError:
    return ZcBenchError(
        f"{text!r} is no DARTS cell that can be stacked: expected eight pairs like (('sep_conv_3x3', 0), "
        "('skip_connect', 1), ...), two for each of the nodes 2 to 5 and from different earlier nodes, or "
        f"'Genotype(...)' with that cell as normal and as reduction cell; operations are {', '.join(DIGITS)}."
    )


space_registry.register(DartsSearch.name, DartsSearch())
