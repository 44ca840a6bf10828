"""A layered layout for small directed graphs (Sugiyama et al. 1981): edges go to the right."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 24

Edge = tuple[int, int]


@dataclass(frozen=True)
class Layout:
    """The positions of nodes and edges.

    Attributes:
        places: per node its layer, counted from the left, and its height.
        routes: per edge its places, one per layer, ends included.
    """

    places: tuple[tuple[int, float], ...]
    routes: tuple[tuple[tuple[int, float], ...], ...]


def lay_out(count: int, edges: Sequence[Edge]) -> Layout:
    """Place the nodes of a directed acyclic graph.

    The layer of a node is the length of the longest path from a source. An edge that spans several
    layers has a dummy node in each of them. Nodes and dummy nodes are sorted by the mean height of
    their neighbours, in alternating directions.

    Args:
        count: number of nodes; they are numbered in topological order.
        edges: source and target, in any order; parallel edges have separate routes.

    Returns:
        The layout. Nodes of one layer are at least one apart.
    """
    layers = _layers(count, edges)
    chains: list[list[int]] = []
    for source, target in edges:
        inner = range(layers[source] + 1, layers[target])
        chains.append([source, *range(len(layers), len(layers) + len(inner)), target])
        layers += inner
    heights = _heights(layers, [link for chain in chains for link in pairwise(chain)])
    places = list(zip(layers, heights, strict=True))
    return Layout(
        tuple(places[:count]), tuple(tuple(places[node] for node in chain) for chain in chains)
    )


def _layers(count: int, edges: Sequence[Edge]) -> list[int]:
    layers = [0] * count
    for source, target in sorted(edges):
        layers[target] = max(layers[target], layers[source] + 1)
    return layers


def _heights(layers: Sequence[int], links: Sequence[Edge]) -> list[float]:
    """Move nodes towards their neighbours, layer by layer, keeping them apart."""
    before, after, members = defaultdict(list), defaultdict(list), defaultdict(list)
    for source, target in links:
        before[target].append(source)
        after[source].append(target)
    for node, layer in enumerate(layers):
        members[layer].append(node)
    heights = [0.0] * len(layers)
    for nodes in members.values():
        _spread(nodes, heights, dict.fromkeys(nodes, 0.0))
    forth = sorted(members)
    for sweep in range(_SWEEPS):
        neighbours, order = (before, forth) if sweep % 2 == 0 else (after, forth[::-1])
        for layer in order:
            wished = {
                node: _mean([heights[other] for other in neighbours[node]], heights[node])
                for node in members[layer]
            }
            members[layer].sort(key=wished.__getitem__)
            _spread(members[layer], heights, wished)
    return heights


def _spread(nodes: Sequence[int], heights: list[float], wished: dict[int, float]) -> None:
    """Set nodes to the desired heights, in order, at least one apart; merge colliding blocks."""
    blocks: list[tuple[float, list[int]]] = []  # the height of a block's first node
    for node in nodes:
        first, block = wished[node], [node]
        while blocks and first < blocks[-1][0] + len(blocks[-1][1]):
            block = [*blocks.pop()[1], *block]
            first = _mean([wished[member] - place for place, member in enumerate(block)], 0.0)
        blocks.append((first, block))
    for first, block in blocks:
        for place, member in enumerate(block):
            heights[member] = first + place


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
