"""Figures: for each, a function that gathers its data and a function that draws them."""

from zc_bench.figures.cell import draw_cells
from zc_bench.figures.heatmap import HeatmapData, draw_heatmap, heatmap, heatmap_data
from zc_bench.figures.regret import RegretData, draw_regret, regret_data
from zc_bench.figures.style import save

__all__ = [
    "HeatmapData",
    "RegretData",
    "draw_cells",
    "draw_heatmap",
    "draw_regret",
    "heatmap",
    "heatmap_data",
    "regret_data",
    "save",
]
