"""Cells as the page draws them. Cells of the same shape share a layout, so thousands of architectures fit on a page."""

import re
from collections.abc import Sequence
from typing import Any

from zc_bench.errors import ZcBenchError
from zc_bench.figures.layered import Layout, lay_out
from zc_bench.spaces import CellGraph, spaces

# Nodes that are no operations.
_NAME = re.compile(r"input( \d+)?|output|\d+")
# The first of these that a label contains gives its colour, see `report.css`.
_KINDS = ("pool", "3x3", "5x5", "1x1")
_NOTHING = ("none", "zero")


class Cells:
    """Drawings of architectures, gathered one by one.

    Attributes:
        shapes: name and layout of cells, fit for JSON: {"name", "places", "routes"} as in
            `zc_bench.figures.layered.Layout`.
        labels: text and kind of boxes; the kind is the name of a class in `report.css`.
    """

    def __init__(self) -> None:
        self._shapes: dict[tuple[Any, ...], int] = {}
        self._labels: dict[tuple[str, str], int] = {}
        self.shapes: list[dict[str, Any]] = []

    @property
    def labels(self) -> list[tuple[str, str]]:
        """Text and kind of boxes."""
        return list(self._labels)

    def draw(self, space: str, key: str) -> list[list[int]]:
        """Return an architecture's cells: for each, the place of its shape and of the labels of its boxes.

        Args:
            space: the search space.
            key: the architecture's canonical key.

        Returns:
            Nothing for an architecture that cannot be read here, such as one of a plug-in that is not installed.
        """
        try:
            graphs = spaces[space].graphs(spaces[space].parse(key))
        except ZcBenchError:
            return []
        return [self._draw(graph) for graph in graphs]

    def _draw(self, graph: CellGraph) -> list[int]:
        boxes, links = _unfold(graph)
        shape = (graph.name, len(boxes), tuple(links))
        if shape not in self._shapes:
            self._shapes[shape] = len(self.shapes)
            self.shapes.append({"name": graph.name, **_as_json(lay_out(len(boxes), links))})
        return [self._shapes[shape], *(self._labels.setdefault(box, len(self._labels)) for box in boxes)]


def _unfold(graph: CellGraph) -> tuple[list[tuple[str, str]], list[tuple[int, int]]]:
    """Turn operations on edges into nodes.

    Returns:
        Text and kind of the nodes in topological order, and the edges between them.
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


def _kind(label: str, on_edge: bool) -> str:
    if not on_edge and _NAME.fullmatch(label):
        return "node" if label.isdigit() else "end"
    if label in _NOTHING:
        return "nothing"
    return next((f"op-{kind}" for kind in _KINDS if kind in label), "op")


def _as_json(layout: Layout) -> dict[str, Any]:
    routes: Sequence[Sequence[tuple[int, float]]] = layout.routes
    return {"places": _rounded(layout.places), "routes": [_rounded(route) for route in routes]}


def _rounded(places: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    return [(layer, round(height, 2)) for layer, height in places]
