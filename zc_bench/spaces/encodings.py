"""The encodings of an architecture, all from its key."""

import json
from collections.abc import Callable, Iterator

from zc_bench.registry import Registry
from zc_bench.spaces.base import Architecture, CellGraph, SearchSpace

Encoding = Callable[[SearchSpace, Architecture], str]

encodings: Registry[Encoding] = Registry("encoding")

_LONGEST_NUMBER = 20  # letters


def key(_space: SearchSpace, architecture: Architecture) -> str:
    """NAS-Bench-Suite-Zero's encoding, the canonical string here."""
    return architecture.key


def native(space: SearchSpace, architecture: Architecture) -> str:
    """The string of the space's authors."""
    return space.native(architecture)


def canonical(space: SearchSpace, architecture: Architecture) -> str:
    """The computed function; equal for architectures whose networks can compute the same."""
    return space.canonical(architecture)


def adjacency(space: SearchSpace, architecture: Architecture) -> str:
    """JSON: per cell its nodes and the upper triangular matrix of lists of edge labels."""
    return json.dumps(
        {
            graph.name: {"nodes": graph.nodes, "matrix": _matrix(graph)}
            for graph in space.graphs(architecture)
        }
    )


def paths(space: SearchSpace, architecture: Architecture) -> str:
    """JSON: per cell the operations on every path (White et al. 2021, arXiv:1910.11858)."""
    return json.dumps(
        {graph.name: sorted(set(_paths(graph))) for graph in space.graphs(architecture)}
    )


for _encoding in (key, native, canonical, adjacency, paths):
    encodings.register(_encoding.__name__, _encoding)


def read_architecture(space: SearchSpace, text: str) -> Architecture:
    """Read an architecture, also by its number in the authors' API where the space has numbers.

    Args:
        space: the search space.
        text: its key, its authors' string, or its number.

    Raises:
        ZcBenchError: if it is none of them.

    Examples:
        >>> from zc_bench.spaces import space_registry
        >>> str(read_architecture(space_registry["nb201"], "0"))
        '(4, 3, 3, 0, 0, 0)'
    """
    by_index = getattr(space, "by_index", None)
    word = text.strip()
    if by_index is not None and word.isdecimal() and len(word) < _LONGEST_NUMBER:
        found: Architecture = by_index(int(word))
        return found
    return space.parse(text)


def _matrix(graph: CellGraph) -> list[list[list[str]]]:
    matrix: list[list[list[str]]] = [[[] for _ in graph.nodes] for _ in graph.nodes]
    for source, target, label in graph.edges:
        matrix[source][target].append(label)
    return matrix


def _paths(graph: CellGraph) -> Iterator[str]:
    """Yield the operations of every path, nodes and edges alike."""
    last = len(graph.nodes) - 1
    targets = {target for _, target, _ in graph.edges}
    starts = [
        node
        for node in range(last)
        if node not in targets and graph.nodes[node].startswith("input")
    ]
    unfinished: list[tuple[int, tuple[str, ...]]] = [
        (node, (graph.nodes[node],)) for node in starts
    ]
    while unfinished:
        node, words = unfinished.pop()
        if node == last:
            yield " > ".join((*words, graph.nodes[last]))
            continue
        for source, target, label in graph.edges:
            if source == node:
                inner = (
                    graph.nodes[target]
                    if target != last and not graph.nodes[target].isdigit()
                    else ""
                )
                unfinished.append((target, (*words, *filter(None, (label, inner)))))
