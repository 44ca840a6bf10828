"""Figures: one function gathers the data of a figure, another draws them. None runs anything."""

from typing import TYPE_CHECKING

from zc_bench._internal.lazy import lazy_names

if TYPE_CHECKING:
    from zc_bench.figures.cell import draw_cells
    from zc_bench.figures.critical_difference import draw_critical_difference
    from zc_bench.figures.heatmap import HeatmapData, draw_heatmap, heatmap_data
    from zc_bench.figures.plugins import PluginFigure, figure, figure_registry
    from zc_bench.figures.regret import RegretData, draw_regret, regret_data
    from zc_bench.figures.scatter import ScatterData, draw_scatter, scatter_data
    from zc_bench.figures.sizes import SizesData, draw_sizes
    from zc_bench.figures.style import save
    from zc_bench.figures.training import draw_training

# Where each public name is defined. A module is imported when its name is first used.
_HOMES = {
    "HeatmapData": "heatmap",
    "PluginFigure": "plugins",
    "RegretData": "regret",
    "ScatterData": "scatter",
    "SizesData": "sizes",
    "draw_cells": "cell",
    "draw_critical_difference": "critical_difference",
    "draw_heatmap": "heatmap",
    "draw_regret": "regret",
    "draw_scatter": "scatter",
    "draw_sizes": "sizes",
    "draw_training": "training",
    "figure": "plugins",
    "figure_registry": "plugins",
    "heatmap_data": "heatmap",
    "regret_data": "regret",
    "save": "style",
    "scatter_data": "scatter",
}

__all__ = [
    "HeatmapData",
    "PluginFigure",
    "RegretData",
    "ScatterData",
    "SizesData",
    "draw_cells",
    "draw_critical_difference",
    "draw_heatmap",
    "draw_regret",
    "draw_scatter",
    "draw_sizes",
    "draw_training",
    "figure",
    "figure_registry",
    "heatmap_data",
    "regret_data",
    "save",
    "scatter_data",
]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
