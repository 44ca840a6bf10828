"""Cells as pictures: operations as boxes, coloured by kind, in the direction of the data."""

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, PathPatch
from matplotlib.path import Path

from zc_bench.figures.cell_graph import Kind, Layout, boxes_and_edges, lay_out
from zc_bench.figures.style import style
from zc_bench.spaces import CellGraph

# Lengths are in inches.
_BOX_HEIGHT, _ROW, _GAP = 0.2, 0.34, 0.3
_CHARACTER, _MARGIN, _TITLE = 0.065, 0.15, 0.28
_SMALL = 7.0


# Okabe and Ito's colours for the colour-blind, lightened for black text.
_COLOURS: dict[Kind, str] = {
    "op-pool": "#f6dfa4",
    "op-3x3": "#b9dcf2",
    "op-5x5": "#86bde4",
    "op-1x1": "#cfe6cf",
    "op": "#e8e8e8",
    "end": "#d9c2d6",
    "node": "#ffffff",
    "nothing": "#ffffff",
}


def draw_cells(graphs: Sequence[CellGraph], title: str = "") -> Figure:
    """Draw cells, one below another.

    Args:
        graphs: the cells of an architecture.
        title: the title of the figure.

    Returns:
        A figure as large as its cells, outside pyplot's global state.
    """
    drawings = [_Drawing(graph) for graph in graphs]
    width = max(drawing.width for drawing in drawings) + 2 * _MARGIN
    height = (
        sum(drawing.height + _TITLE for drawing in drawings) + _MARGIN + (_TITLE if title else 0)
    )
    with style():
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        top = _MARGIN
        if title:
            axes.text(_MARGIN, top, title, va="top", weight="bold")
            top += _TITLE
        for drawing in drawings:
            axes.text(_MARGIN, top, drawing.name, va="top", style="italic")
            drawing.draw(axes, _MARGIN, top + _TITLE)
            top += _TITLE + drawing.height
    return figure


class _Drawing:
    """The layout of a cell whose operations are nodes."""

    def __init__(self, graph: CellGraph) -> None:
        self.name = graph.name
        self.boxes, edges = boxes_and_edges(graph)
        self.layout: Layout = lay_out(len(self.boxes), edges)
        layers = 1 + max(layer for layer, _ in self.layout.places)
        widths = [0.0] * layers
        for (layer, _), (label, _) in zip(self.layout.places, self.boxes, strict=True):
            widths[layer] = max(widths[layer], _box_width(label))
        self._left = [sum(widths[:layer]) + layer * _GAP for layer in range(layers)]
        self._widths = widths
        every = [height for route in self.layout.routes for _, height in route] + [
            y for _, y in self.layout.places
        ]
        self._top = min(every)
        self.width = self._left[-1] + widths[-1]
        self.height = (max(every) - self._top + 1) * _ROW + _MARGIN

    def draw(self, axes: Axes, left: float, top: float) -> None:
        """Draw at a position."""
        for route in self.layout.routes:
            self._draw_route(axes, route, left, top)
        for (layer, height), (label, kind) in zip(self.layout.places, self.boxes, strict=True):
            x, y = left + self._left[layer] + self._widths[layer] / 2, self._y(height, top)
            width = self._widths[layer]
            axes.add_patch(
                FancyBboxPatch(
                    (x - width / 2, y - _BOX_HEIGHT / 2),
                    width,
                    _BOX_HEIGHT,
                    boxstyle="round,pad=0,rounding_size=0.05",
                    facecolor=_COLOURS[kind],
                    edgecolor="0.35",
                    linestyle=":" if kind == "nothing" else "-",
                    linewidth=0.6,
                    zorder=2,
                )
            )
            axes.text(x, y, label, ha="center", va="center_baseline", fontsize=_SMALL, zorder=3)

    def _draw_route(
        self, axes: Axes, route: Sequence[tuple[int, float]], left: float, top: float
    ) -> None:
        """Draw an edge: straight across layers, curved between them, with an arrow head."""
        points: list[tuple[float, float]] = []
        for place, (layer, height) in enumerate(route):
            x, y = left + self._left[layer], self._y(height, top)
            if place:
                points.append((x, y))
            if place < len(route) - 1:
                points.append((x + self._widths[layer], y))
        vertices, codes = [points[0]], [Path.MOVETO]
        for place, (start, end) in enumerate(pairwise(points)):
            if place % 2:
                vertices.append(end)
                codes.append(Path.LINETO)
            else:
                middle = (start[0] + end[0]) / 2
                vertices += [(middle, start[1]), (middle, end[1]), end]
                codes += [Path.CURVE4] * 3
        axes.add_patch(
            PathPatch(Path(vertices, codes), fill=False, edgecolor="0.35", linewidth=0.8, zorder=1)
        )
        end = points[-1]
        axes.add_patch(
            FancyArrowPatch(
                (end[0] - 0.02, end[1]),
                end,
                arrowstyle="-|>",
                mutation_scale=6,
                color="0.35",
                shrinkA=0,
                shrinkB=0,
            )
        )

    def _y(self, height: float, top: float) -> float:
        return top + (height - self._top + 0.5) * _ROW


def _box_width(label: str) -> float:
    return max(len(label), 2) * _CHARACTER + 0.1
