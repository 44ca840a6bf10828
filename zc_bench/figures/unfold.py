"""Cells with operations as boxes, whether a space has operations on nodes or on edges."""

import re
from typing import Literal

from zc_bench.spaces import CellGraph

Kind = Literal["end", "node", "nothing", "op", "op-pool", "op-3x3", "op-5x5", "op-1x1"]

# Nodes without operation.
_NAME = re.compile(r"input( \d+)?|output|\d+")
# The first of these words in a label is its kind.
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("pool", "op-pool"),
    ("3x3", "op-3x3"),
    ("5x5", "op-5x5"),
    ("1x1", "op-1x1"),
)
_NOTHING = ("none", "zero")


def unfold(graph: CellGraph) -> tuple[list[tuple[str, Kind]], list[tuple[int, int]]]:
    """Convert operations on edges to boxes.

    Returns:
        Text and kind of the boxes in topological order, and the edges between them.
    """
    boxes = [(float(place), label) for place, label in enumerate(graph.nodes)]
    links: list[tuple[int, int]] = []
    for source, target, label in graph.edges:
        if label:
            links += [(source, len(boxes)), (len(boxes), target)]
            boxes.append((target - 0.5, label))
        else:
            links.append((source, target))
    ranked = sorted(range(len(boxes)), key=lambda box: boxes[box][0])
    number = {box: place for place, box in enumerate(ranked)}
    texts = [(boxes[box][1], _kind(boxes[box][1], box >= len(graph.nodes))) for box in ranked]
    return texts, [(number[source], number[target]) for source, target in links]


def _kind(label: str, on_edge: bool) -> Kind:
    if not on_edge and _NAME.fullmatch(label):
        return "node" if label.isdigit() else "end"
    if label in _NOTHING:
        return "nothing"
    return next((kind for part, kind in _KINDS if part in label), "op")
