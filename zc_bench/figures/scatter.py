"""Scores against ground truth by task: figures 17 and 18 of SWAP-NAS (arXiv:2403.04161)."""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

from zc_bench.engine.scores import Status
from zc_bench.figures.intervals import intervals
from zc_bench.figures.style import style, two_decimals
from zc_bench.statistics.correlate import Report

_COLUMNS = 4
_PANEL_WIDTH, _PANEL_HEIGHT = 1.7, 1.45
# Okabe and Ito's colours, by search space.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


@dataclass(frozen=True, eq=False)
class ScatterData:
    """The data of the figure.

    Attributes:
        points: columns space, task, architecture, seed, score, truth. Only scores with the status
            done.
        correlations: `zc_bench.figures.intervals.intervals` of the proxy.
        proxy: the proxy of the scores.
    """

    points: pd.DataFrame
    correlations: pd.DataFrame
    proxy: str


def scatter_data(rows: pd.DataFrame, report: Report, proxy: str) -> ScatterData:
    """Gather the scores of one proxy.

    Args:
        rows: scores with the ground truth, as for `zc_bench.statistics.correlate.correlate`.
        report: their correlations.
        proxy: the proxy.
    """
    shown = rows[
        (rows["proxy"] == proxy) & (rows["status"] == Status.DONE.value) & rows["truth"].notna()
    ]
    points = shown[["space", "task", "architecture", "seed", "score", "truth"]].reset_index(
        drop=True
    )
    correlations = intervals(report)
    return ScatterData(
        points, correlations[correlations["proxy"] == proxy].reset_index(drop=True), proxy
    )


def draw_scatter(data: ScatterData) -> Figure:
    """Draw a panel per space and task, coloured by space, with rho and its interval."""
    facts = data.correlations
    lines = max(1, math.ceil(len(facts) / _COLUMNS))
    columns = min(_COLUMNS, max(1, len(facts)))
    names = list(dict.fromkeys(facts["space"]))
    with style():
        # One panel is too narrow for the title.
        size = max(columns, 2) * _PANEL_WIDTH, lines * _PANEL_HEIGHT + 0.3
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(lines, columns, squeeze=False).ravel()
        for axes, fact in zip(panels, facts.to_dict("records"), strict=False):
            here = (data.points["space"] == fact["space"]) & (data.points["task"] == fact["task"])
            colour = _COLOURS[names.index(fact["space"]) % len(_COLOURS)]
            _draw_panel(
                axes, data.points[here], colour, f"{fact['space']}\n{fact['task']}", _rho(fact)
            )
        for axes in panels[len(facts) :]:
            axes.set_axis_off()
        figure.supxlabel(data.proxy, fontsize=8)
        figure.supylabel("ground truth", fontsize=8)
    return figure


def _rho(fact: Mapping[Hashable, float]) -> str:
    if math.isnan(fact["spearman"]):
        return "ρ undefined"
    mean, low, high = (two_decimals(fact[name]) for name in ("spearman", "low", "high"))
    return f"ρ = {mean} [{low}, {high}]"


def _draw_panel(axes: Axes, points: pd.DataFrame, colour: str, name: str, rho: str) -> None:
    # Points are pixels: a file with thousands of vector points is slow.
    axes.scatter(
        points["score"],
        points["truth"],
        s=3,
        color=colour,
        alpha=0.35,
        linewidths=0,
        rasterized=True,
    )
    axes.set_title(f"{name}\n{rho}", loc="left", fontsize=6.5)
    axes.tick_params(labelsize=6, length=2)
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(3))
    axes.spines[["top", "right"]].set_visible(False)
