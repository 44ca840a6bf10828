"""Figures: one function gathers the data of a figure, another draws them."""

from zc_bench.figures.cell import draw_cells
from zc_bench.figures.heatmap import HeatmapData, draw_heatmap, heatmap, heatmap_data
from zc_bench.figures.intervals import intervals
from zc_bench.figures.mu_sigma import MuSigmaData, draw_mu_sigma, mu_sigma_data
from zc_bench.figures.patterns import draw_patterns, patterns_data
from zc_bench.figures.plugins import PluginFigure, brought, figure
from zc_bench.figures.published import PublishedData, draw_published, published_data, read_published
from zc_bench.figures.regret import RegretData, draw_regret, regret_data
from zc_bench.figures.regularisation import draw_regularisation, regularisation_data
from zc_bench.figures.scatter import ScatterData, draw_scatter, scatter_data
from zc_bench.figures.search_cost import draw_search_cost, mean_cost, search_cost_data
from zc_bench.figures.shipped import SHIPPED_POLICY, Completed, completed, read_shipped_correlations
from zc_bench.figures.size_control import (
    LEVELS,
    SizeControlData,
    draw_size_control,
    size_control_data,
)
from zc_bench.figures.sizes import SizesData, draw_sizes, sizes_data
from zc_bench.figures.style import save
from zc_bench.figures.training import draw_training

__all__ = [
    "LEVELS",
    "SHIPPED_POLICY",
    "Completed",
    "HeatmapData",
    "MuSigmaData",
    "PluginFigure",
    "PublishedData",
    "RegretData",
    "ScatterData",
    "SizeControlData",
    "SizesData",
    "brought",
    "completed",
    "draw_cells",
    "draw_heatmap",
    "draw_mu_sigma",
    "draw_patterns",
    "draw_published",
    "draw_regret",
    "draw_regularisation",
    "draw_scatter",
    "draw_search_cost",
    "draw_size_control",
    "draw_sizes",
    "draw_training",
    "figure",
    "heatmap",
    "heatmap_data",
    "intervals",
    "mean_cost",
    "mu_sigma_data",
    "patterns_data",
    "published_data",
    "read_published",
    "read_shipped_correlations",
    "regret_data",
    "regularisation_data",
    "save",
    "scatter_data",
    "search_cost_data",
    "size_control_data",
    "sizes_data",
]
