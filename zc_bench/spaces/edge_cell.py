"""Cells of four nodes and six edges with operations: NAS-Bench-201 and TransNAS-Bench-101."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from zc_bench.spaces.base import Architecture, CellGraph
from zc_bench.spaces.digits import read_digits
from zc_bench.spaces.expressions import Sum, add, apply

_NODES = range(1, 4)
Edge = tuple[int, int]


@dataclass(frozen=True)
class EdgeCell:
    """The set of these cells.

    Attributes:
        space: the search space of its architectures.
        operations: names; the digit of an operation is its index. `none` is zero, `skip_connect`
            the identity.
        edges: source and target, in the order of the digits.
    """

    space: str
    operations: tuple[str, ...]
    edges: tuple[Edge, ...]

    @property
    def size(self) -> int:
        """The number of keys."""
        keys: int = len(self.operations) ** len(self.edges)
        return keys

    def architecture(self, digits: Sequence[int]) -> Architecture:
        """Name the architecture of some digits."""
        return Architecture(self.space, str(tuple(digits)))

    def read_key(self, text: str) -> Architecture | None:
        """Read `(4, 0, 3, 1, 4, 3)`; None for any other text."""
        digits = read_digits(text)
        valid = len(digits) == len(self.edges) and all(
            0 <= digit < len(self.operations) for digit in digits
        )
        return self.architecture(digits) if valid else None

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the cell: operations on edges."""
        named = zip(self.edges, digits_of(architecture), strict=True)
        edges = tuple((*edge, self.operations[digit]) for edge, digit in named)
        return (CellGraph("cell", ("input", "1", "2", "output"), edges),)

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw uniformly."""
        return self.architecture(
            generator.integers(len(self.operations), size=len(self.edges)).tolist()
        )

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the architectures that differ in one operation."""
        digits = digits_of(architecture)
        for place, old in enumerate(digits):
            for new in range(len(self.operations)):
                if new != old:
                    yield self.architecture((*digits[:place], new, *digits[place + 1 :]))

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take the operation of each edge from either parent."""
        which = generator.integers(2, size=len(self.edges))
        pairs = zip(digits_of(first), digits_of(second), which, strict=True)
        return self.architecture([(one, other)[choice] for one, other, choice in pairs])

    def output(self, architecture: Architecture, *, halving: bool = False) -> Sum:
        """Write the output as an expression in the input, without `none` and the order of terms.

        An operation on zero is zero, because convolutions have no bias.

        Args:
            architecture: an architecture of this set.
            halving: whether the cell halves the resolution on the edges of its input, where a skip
                connection then is an operation.
        """
        named = dict(zip(self.edges, digits_of(architecture), strict=True))
        nodes: list[Sum] = [("x",)]
        for node in _NODES:
            nodes.append(
                add(
                    _on_edge(
                        self.operations[named[source, node]],
                        nodes[source],
                        identity=not (halving and not source),
                    )
                    for source in range(node)
                )
            )
        return nodes[-1]


def digits_of(architecture: Architecture) -> tuple[int, ...]:
    """Return the digits of an architecture's operations, in the order of the key."""
    digits: tuple[int, ...] = ast.literal_eval(architecture.key)
    return digits


def _on_edge(operation: str, source: Sum, *, identity: bool) -> Sum:
    if operation == "none":
        return ()
    return source if operation == "skip_connect" and identity else apply(operation, source)
