"""Cells of NAS-Bench-101: graphs whose vertices are operations, and their equality.

A cell has at most seven vertices, numbered so that every edge leads to a higher number: vertex 0 is
the input, the last one the output, and each of the others has one of three operations. At most nine
edges lie on a path from the input to the output (Ying et al. 2019, arXiv:1902.09635, section 2.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, groupby, permutations, product

INPUT, OUTPUT = "input", "output"
OPERATIONS = ("maxpool3x3", "conv1x1-bn-relu", "conv3x3-bn-relu")

MAX_VERTICES = 7
MAX_EDGES = 9

Edge = tuple[int, int]


@dataclass(frozen=True)
class Cell:
    """A directed acyclic graph with labelled vertices.

    Attributes:
        edges: source and target, sorted; the source is the lower number.
        labels: of the vertices: "input", operations, "output".
    """

    edges: tuple[Edge, ...]
    labels: tuple[str, ...]

    @property
    def last(self) -> int:
        """The number of the output."""
        return len(self.labels) - 1

    def matrix(self) -> list[list[int]]:
        """Return the adjacency matrix (vertices, vertices), of zeros and ones."""
        places = range(len(self.labels))
        return [[int((source, target) in self.edges) for target in places] for source in places]

    def pruned(self) -> "Cell":
        """Leave out the vertices on no path from the input to the output.

        Returns:
            The cell that the network is built from; without edges where there is no such path.
        """
        reached, reaching = {0}, {self.last}
        # Edges are sorted, so all edges into a vertex come before those out of it.
        for source, target in self.edges:
            if source in reached:
                reached.add(target)
        for source, target in reversed(self.edges):
            if target in reaching:
                reaching.add(source)
        kept = sorted(reached & reaching | {0, self.last})
        return self._renumbered({old: new for new, old in enumerate(kept)})

    def canonical(self) -> "Cell":
        """Number the vertices so that cells which differ only in their numbers become equal.

        Vertices are sorted by the length of the longest path from the input, then by label. For
        vertices that agree in both, every order is tried, and the one with the smallest edges is
        taken. There are at most 24, because four parallel vertices need eight edges.

        Returns:
            The pruned cell, renumbered.
        """
        cell = self.pruned()
        depth = [0] * len(cell.labels)
        for source, target in cell.edges:
            depth[target] = max(depth[target], depth[source] + 1)

        def rank(vertex: int) -> tuple[int, str]:
            return depth[vertex], cell.labels[vertex]

        alike = (
            permutations(group)
            for _, group in groupby(sorted(range(len(depth)), key=rank), key=rank)
        )
        orders = (chain.from_iterable(order) for order in product(*alike))
        renumbered = (
            cell._renumbered({old: new for new, old in enumerate(order)}) for order in orders
        )
        return min(renumbered, key=lambda candidate: candidate.edges)

    def widened(self, other: "Cell") -> "Cell":
        """Insert the additional vertices of a larger cell, without edges, before the output."""
        further = other.labels[self.last : -1]
        last = self.last + len(further)
        edges = sorted(
            (source, last if target == self.last else target) for source, target in self.edges
        )
        return Cell(tuple(edges), (*self.labels[:-1], *further, self.labels[-1]))

    def _renumbered(self, numbers: Mapping[int, int]) -> "Cell":
        """Renumber vertices; leave out those without a new number."""
        edges = sorted(
            (numbers[one], numbers[two])
            for one, two in self.edges
            if one in numbers and two in numbers
        )
        return Cell(
            tuple(edges),
            tuple(self.labels[old] for old in sorted(numbers, key=numbers.__getitem__)),
        )

    def fault(self) -> str:
        """Return the reason why the cell is not in the search space; empty if it is."""
        if not 2 <= len(self.labels) <= MAX_VERTICES:
            return f"the number of its vertices is {len(self.labels)}"
        if (self.labels[0], self.labels[-1]) != (INPUT, OUTPUT) or not set(
            self.labels[1:-1]
        ) <= set(OPERATIONS):
            return f"its vertices are {', '.join(self.labels)}"
        if any(source >= target for source, target in self.edges):
            return "its matrix is not upper triangular"
        edges = len(self.pruned().edges)
        if edges > MAX_EDGES:
            return f"{edges} edges lie on paths from the input to the output"
        return "" if edges else "no path leads from the input to the output"
