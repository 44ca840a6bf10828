"""Figures: for each, a function that gathers its data and a function that draws them."""

from zc_bench.figures.heatmap import HeatmapData, draw_heatmap, heatmap, heatmap_data, save

__all__ = ["HeatmapData", "draw_heatmap", "heatmap", "heatmap_data", "save"]
