"""The cells of a page. Cells of equal shape share a layout, so that thousands of them fit."""

from collections.abc import Sequence
from typing import Any

from zc_bench.errors import ZcBenchError
from zc_bench.figures.cell_graph import Layout, boxes_and_edges, lay_out
from zc_bench.spaces import CellGraph, space_registry


class Cells:
    """The drawings of architectures.

    Attributes:
        shapes: name and layout of cells, fit for JSON: {"name", "places", "routes"} as in
            `zc_bench.figures.cell_graph.Layout`.
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
        """Return the cells of an architecture: for each, the indices of its shape and its labels.

        Args:
            space: the search space.
            key: the architecture's canonical key.

        Returns:
            An empty list for an architecture that cannot be parsed here, for instance without its
            plug-in.
        """
        try:
            graphs = space_registry[space].graphs(space_registry[space].parse(key))
        except ZcBenchError:
            return []
        return [self._draw(graph) for graph in graphs]

    def _draw(self, graph: CellGraph) -> list[int]:
        boxes, edges = boxes_and_edges(graph)
        shape = (graph.name, len(boxes), tuple(edges))
        if shape not in self._shapes:
            self._shapes[shape] = len(self.shapes)
            self.shapes.append({"name": graph.name, **_as_json(lay_out(len(boxes), edges))})
        return [
            self._shapes[shape],
            *(self._labels.setdefault(box, len(self._labels)) for box in boxes),
        ]


def _as_json(layout: Layout) -> dict[str, Any]:
    routes: Sequence[Sequence[tuple[int, float]]] = layout.routes
    return {"places": _rounded(layout.places), "routes": [_rounded(route) for route in routes]}


def _rounded(places: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    return [(layer, round(height, 2)) for layer, height in places]
