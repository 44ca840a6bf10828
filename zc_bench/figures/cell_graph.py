"""Cells as layered graphs: operations become boxes, and every box and edge gets its place."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from zc_bench.spaces import CellGraph

Kind = Literal["end", "node", "nothing", "op", "op-pool", "op-3x3", "op-5x5", "op-1x1"]
Edge = tuple[int, int]

_SWEEPS = 24
# Labels of nodes without operation.
_NAME = re.compile(r"input( \d+)?|output|\d+")
# The first of these words in a label is its kind.
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("pool", "op-pool"),
    ("3x3", "op-3x3"),
    ("5x5", "op-5x5"),
    ("1x1", "op-1x1"),
)
_NOTHING = ("none", "zero")


@dataclass(frozen=True)
class Layout:
    """The positions of nodes and edges.

    Attributes:
        places: per node its layer, counted from the left, and its height.
        routes: per edge its places, one per layer, ends included.
    """

    places: tuple[tuple[int, float], ...]
    routes: tuple[tuple[tuple[int, float], ...], ...]


def boxes_and_edges(graph: CellGraph) -> tuple[list[tuple[str, Kind]], list[Edge]]:
    """Convert operations to boxes, whether a space has them on nodes or on edges.

    Args:
        graph: the cell.

    Returns:
        Text and kind of the boxes in topological order, and the edges between them.
    """
    boxes = [(float(place), label) for place, label in enumerate(graph.nodes)]
    edges: list[Edge] = []
    for source, target, label in graph.edges:
        if label:
            edges += [(source, len(boxes)), (len(boxes), target)]
            boxes.append((target - 0.5, label))
        else:
            edges.append((source, target))
    ranked = sorted(range(len(boxes)), key=lambda box: boxes[box][0])
    number = {box: place for place, box in enumerate(ranked)}
    texts = [(boxes[box][1], _kind(boxes[box][1], box >= len(graph.nodes))) for box in ranked]
    return texts, [(number[source], number[target]) for source, target in edges]


def _kind(label: str, on_edge: bool) -> Kind:
    if not on_edge and _NAME.fullmatch(label):
        return "node" if label.isdigit() else "end"
    if label in _NOTHING:
        return "nothing"
    return next((kind for part, kind in _KINDS if part in label), "op")


def lay_out(count: int, edges: Sequence[Edge]) -> Layout:
    """Place the nodes of a directed acyclic graph so that every edge goes to the right.

    The layer of a node is the length of the longest path from a source. An edge that spans several
    layers has a dummy node in each of them. Nodes and dummy nodes are sorted by the mean height of
    their neighbours, in alternating directions.

    Args:
        count: number of nodes; they are numbered in topological order.
        edges: source and target, in any order; parallel edges have separate routes.

    Returns:
        The layout. Nodes of one layer are at least one apart.

    References:
        Sugiyama et al. 1981, "Methods for visual understanding of hierarchical system structures".
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
            desired = {
                node: _mean([heights[other] for other in neighbours[node]], heights[node])
                for node in members[layer]
            }
            members[layer].sort(key=desired.__getitem__)
            _spread(members[layer], heights, desired)
    return heights


def _spread(nodes: Sequence[int], heights: list[float], desired: dict[int, float]) -> None:
    """Set nodes to the desired heights, in order, at least one apart; merge colliding blocks."""
    blocks: list[tuple[float, list[int]]] = []  # the height of a block's first node
    for node in nodes:
        first, block = desired[node], [node]
        while blocks and first < blocks[-1][0] + len(blocks[-1][1]):
            block = [*blocks.pop()[1], *block]
            first = _mean([desired[member] - place for place, member in enumerate(block)], 0.0)
        blocks.append((first, block))
    for first, block in blocks:
        for place, member in enumerate(block):
            heights[member] = first + place


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
