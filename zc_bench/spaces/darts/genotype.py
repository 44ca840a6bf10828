"""The notation of DARTS cells: pairs of an operation and a predecessor, and `Genotype(...)`.

A cell has two inputs, which are nodes 0 and 1, and the nodes 2..5. A node is the sum of two
operations, each on an earlier node. The output of the cell is all its nodes (Liu et al. 2019,
arXiv:1806.09055, section 2.1).
"""

import ast
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeGuard, TypeVar

from zc_bench.spaces.base import CellGraph
from zc_bench.spaces.digits import read_literal
from zc_bench.spaces.expressions import Sum, add, apply, write

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

# The node of every pair. Node i has i predecessors, so this is also the number of choices of a
# pair.
NODES = (2, 2, 3, 3, 4, 4, 5, 5)

INPUTS = 2

# An operation and the node that it reads.
Pair = tuple[str, int]
Pairs = tuple[Pair, ...]

T = TypeVar("T")

_FIELDS = ("normal", "normal_concat", "reduce", "reduce_concat")
# The three notations for a cell that outputs all its nodes.
_ALL_NODES = ("[2, 3, 4, 5]", "(2, 3, 4, 5)", "range(2, 6)")


@dataclass(frozen=True)
class Genotype:
    """The content of a native string, unchecked.

    Attributes:
        normal: the normal cell; None if it is no literal, or does not output all its nodes.
        reduce: the reduction cell, likewise.
    """

    normal: object
    reduce: object


def read(text: str) -> object:
    """Parse a text without evaluating it.

    Returns:
        The `Genotype`, or the value of the literal; None where the text is neither.
    """
    try:
        expression = ast.parse(text.strip(), mode="eval").body
        return (
            _genotype(expression) if isinstance(expression, ast.Call) else read_literal(expression)
        )
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _genotype(call: ast.Call) -> Genotype | None:
    match call:
        case ast.Call(func=ast.Name(id="Genotype"), args=[], keywords=keywords):
            fields = {keyword.arg: keyword.value for keyword in keywords}
            if Counter(keyword.arg for keyword in keywords) == Counter(_FIELDS):
                return Genotype(
                    *(
                        _cell(fields[name], fields[f"{name}_concat"])
                        for name in ("normal", "reduce")
                    )
                )
    return None


def _cell(cell: ast.expr, concat: ast.expr) -> object:
    return read_literal(cell) if ast.unparse(concat) in _ALL_NODES else None


def write_genotype(normal: Sequence[Pair], reduction: Sequence[Pair]) -> str:
    """Write two cells as the authors of DARTS do."""
    nodes = _ALL_NODES[0]
    return (
        f"Genotype(normal={[*normal]}, normal_concat={nodes}, reduce={[*reduction]}, "
        f"reduce_concat={nodes})"
    )


def is_cell(cell: object) -> TypeGuard[Sequence[Pair]]:
    """Return whether a literal is eight pairs of an operation and an earlier node."""
    return (
        isinstance(cell, list | tuple)
        and len(cell) == len(NODES)
        and all(_is_pair(pair, node) for pair, node in zip(cell, NODES, strict=True))
    )


def _is_pair(pair: object, node: int) -> bool:
    match pair:
        case [str(operation), int(predecessor)]:
            # `isinstance` is not used, because True is an int.
            return operation in OPERATIONS and type(predecessor) is int and 0 <= predecessor < node
    return False


def by_node(items: Iterable[T]) -> Iterable[tuple[T, T]]:
    """Group eight items by node: two for each node in turn."""
    iterator = iter(items)
    return zip(iterator, iterator, strict=True)


def write_nodes(pairs: Iterable[Pair], *, reduction: bool) -> str:
    """Write every node as an expression in the two inputs, without `none` and the order of terms.

    All nodes are outputs, so their order matters.

    Args:
        pairs: the pairs of a cell.
        reduction: whether the cell halves the resolution. A skip connection from an input then has
            weights.
    """
    nodes: list[Sum] = [("x0",), ("x1",)]
    for node in by_node(pairs):
        nodes.append(add(_term(*pair, nodes[pair[1]], reduction) for pair in node))
    return "; ".join(map(write, nodes[INPUTS:]))


def _term(operation: str, predecessor: int, source: Sum, reduction: bool) -> Sum:
    if operation == "none":
        return ()
    identity = operation == "skip_connect" and not (reduction and predecessor < INPUTS)
    return source if identity else apply(operation, source)


def cell_graph(name: str, pairs: Iterable[Pair]) -> CellGraph:
    """Draw a cell as a graph: operations on edges, all nodes into the output."""
    edges = [
        (predecessor, node, operation)
        for node, (operation, predecessor) in zip(NODES, pairs, strict=True)
    ]
    edges += [(node, 6, "") for node in range(INPUTS, 6)]
    return CellGraph(name, ("input 0", "input 1", "0", "1", "2", "3", "output"), tuple(edges))
