"""The heat map of rank correlations, in the form of figure 4 of SWAP-NAS (arXiv:2403.04161)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from zc_bench.figures.intervals import intervals
from zc_bench.figures.style import DARK, TEXT, style, two_decimals
from zc_bench.statistics.correlate import Report

# Lengths are in inches, type sizes in points.
_PAGE_WIDTH = 7.0
_CELL_WIDTH = 0.46
_CELL_HEIGHTS = {True: 0.34, False: 0.42}  # by whether all cells have the same number of trials
_BAR_GAP, _BAR_WIDTH, _BAR_HEIGHT = 0.15, 0.12, 1.6
# Margins for tick labels and title. Empty margins are cut when the figure is saved.
_LEFT, _BELOW, _ABOVE, _RIGHT = 1.5, 1.2, 0.8, 1.0
_SMALL = 5.5
_REMARK = 80  # characters of a line below the title
_CHARACTER = 0.65 * TEXT / 72
_HATCHED: Mapping[str, Any] = {
    "facecolor": "0.94",
    "edgecolor": "0.75",
    "hatch": "/////",
    "linewidth": 0,
}


@dataclass(frozen=True, eq=False)
class HeatmapData:
    """The data of the heat map: tables of the same shape and order, proxies x "space-task".

    Attributes:
        means: mean of Spearman's rho over seeds; NaN where undefined.
        spreads: standard deviation over seeds; NaN where there are fewer than two.
        counts: n, architectures of the seed with fewest.
        seeds: seeds with a rho.
        zero_inside: whether the interval of the mean contains zero; None if it was not computed.
        beyond_noise: whether the mean differs from a published one beyond noise; None without
            published means.
        remarks: sentences below the title.
    """

    means: pd.DataFrame
    spreads: pd.DataFrame
    counts: pd.DataFrame
    seeds: pd.DataFrame
    zero_inside: pd.DataFrame | None = None
    beyond_noise: pd.DataFrame | None = None
    remarks: tuple[str, ...] = ()

    @property
    def behind(self) -> set[tuple[int, int]]:
        """The pairs of n and number of seeds of the defined cells."""
        defined = self.means.notna().to_numpy()
        tables = (table.to_numpy()[defined].tolist() for table in (self.counts, self.seeds))
        return set(zip(*tables, strict=True))


def heatmap_data(
    report: Report, beyond_noise: pd.DataFrame | None = None, remarks: Sequence[str] = ()
) -> HeatmapData:
    """Gather the data of the heat map.

    Args:
        report: the correlations.
        beyond_noise: one row per cell with a published value: proxy, column ("space-task"),
            beyond_noise (whether the mean differs from it beyond noise).
        remarks: sentences below the title, after those of the report.

    Returns:
        Tables in drawing order.
    """
    means = report.spearman()
    cells = intervals(report)
    cells["column"] = cells["space"] + "-" + cells["task"]
    cells["zero_inside"] = (cells["low"] <= 0) & (cells["high"] >= 0)
    counts, seeds = (
        cells.pivot(index="proxy", columns="column", values=name).reindex_like(means)
        for name in ("n", "seeds")
    )
    return HeatmapData(
        means=means,
        spreads=report.spread(),
        counts=counts.fillna(0).astype(int),
        seeds=seeds.fillna(0).astype(int),
        zero_inside=_marks(cells, "zero_inside", means),
        beyond_noise=None if beyond_noise is None else _marks(beyond_noise, "beyond_noise", means),
        remarks=(*report.remarks, *remarks),
    )


def _marks(cells: pd.DataFrame, name: str, like: pd.DataFrame) -> pd.DataFrame:
    """Arrange truth values in the shape of another table; unknown ones are False."""
    marks = cells.pivot(index="proxy", columns="column", values=name)
    return marks.reindex(index=like.index, columns=like.columns).eq(True)


def draw_heatmap(data: HeatmapData) -> Figure:
    """Draw the heat map: a cell shows the mean and the spread; a hatched cell is undefined.

    If cells have different numbers of architectures or seeds, each shows these as well.

    Args:
        data: the data.

    Returns:
        A figure whose size depends on rows and columns, outside pyplot's global state. `style.save`
        cuts its wide margins.
    """
    rows, columns = data.means.shape
    labels = [str(name).replace("-", "\n", 1) for name in data.means.columns]
    label_width = max(len(line) for label in labels for line in label.split("\n")) * _CHARACTER
    upright = columns * label_width <= _PAGE_WIDTH
    cell_width = max(label_width, _CELL_WIDTH) if upright else _CELL_WIDTH
    width, height = columns * cell_width, rows * _CELL_HEIGHTS[len(data.behind) <= 1]
    with style({"hatch.linewidth": 0.5}):
        figure = Figure(
            figsize=(_LEFT + width + _RIGHT, _BELOW + max(height, _BAR_HEIGHT) + _ABOVE)
        )
        axes = _add_axes(figure, _LEFT, width, height)
        bar = _add_axes(figure, _LEFT + width + _BAR_GAP, _BAR_WIDTH, _BAR_HEIGHT)
        sns.heatmap(
            data.means,
            ax=axes,
            cbar_ax=bar,
            cmap="vlag",
            vmin=-1,
            vmax=1,
            xticklabels=labels,
            yticklabels=True,
        )
        axes.hlines(range(1, rows), 0, columns, color="white", linewidth=0.8)
        axes.vlines(range(1, columns), 0, rows, color="white", linewidth=0.8)
        _label_axes(axes, upright)
        _write_cells(axes, data)
        legend = _draw_marks(axes, data)
        _label_bar(bar, data)
        remarks = [line for remark in data.remarks for line in wrap(remark, _REMARK)]
        _write_title(axes, data, [*legend, *remarks])
    return figure


def _add_axes(figure: Figure, left: float, width: float, height: float) -> Axes:
    """Add axes of a size in inches below the title."""
    full_width, full_height = figure.get_size_inches()
    bottom = full_height - _ABOVE - height
    return figure.add_axes(
        (left / full_width, bottom / full_height, width / full_width, height / full_height)
    )


def _label_axes(axes: Axes, upright: bool) -> None:
    axes.set(xlabel="", ylabel="")
    axes.tick_params(length=0)
    axes.tick_params(axis="y", rotation=0)
    axes.tick_params(axis="x", rotation=0)
    if not upright:
        axes.tick_params(axis="x", pad=9)  # two lines, aslant, need more room below the cells
        for label in axes.get_xticklabels():
            label.set(rotation=45, ha="right", va="center", ma="right", rotation_mode="anchor")


def _write_cells(axes: Axes, data: HeatmapData) -> None:
    """Write into every cell what it shows, and hatch those that are undefined."""
    alike = len(data.behind) <= 1
    for row, proxy in enumerate(data.means.index):
        for column, task in enumerate(data.means.columns):
            mean, spread = data.means.loc[proxy, task], data.spreads.loc[proxy, task]
            if pd.isna(mean):
                axes.add_patch(Rectangle((column, row), 1, 1, **_HATCHED))
                continue
            lines = [(two_decimals(mean), TEXT)]
            if not pd.isna(spread):
                lines.append((f"±{two_decimals(spread)}", _SMALL))
            if not alike:
                n, seeds = data.counts.loc[proxy, task], data.seeds.loc[proxy, task]
                lines.append((f"{n}×{seeds}", _SMALL))
            _write_lines(axes, column, row, lines, "white" if abs(mean) > DARK else "0.1")


def _write_lines(
    axes: Axes, column: int, row: int, lines: Sequence[tuple[str, float]], colour: str
) -> None:
    """Write lines of text and their type sizes into a cell, below one another."""
    places = {1: (0.5,), 2: (0.38, 0.76), 3: (0.27, 0.58, 0.84)}[len(lines)]
    for (text, size), place in zip(lines, places, strict=True):
        x, y = column + 0.5, row + place
        axes.text(x, y, text, color=colour, ha="center", va="center", fontsize=size)


def _draw_marks(axes: Axes, data: HeatmapData) -> list[str]:
    """Draw the marks of cells into their upper corners; return their legend."""
    kinds = (
        (data.zero_inside, 0.1, "$○$", "circle: the interval of the mean contains 0"),
        (data.beyond_noise, 0.9, "v", "triangle: differs from the published value beyond noise"),
    )
    meanings = []
    for marks, shift, marker, meaning in kinds:
        if marks is None or not (shown := marks & data.means.notna()).to_numpy().any():
            continue
        rows, columns = np.nonzero(shown.to_numpy())
        dark = np.abs(data.means.to_numpy()[rows, columns]) > DARK
        colours = np.where(dark, "white", "0.1").tolist()
        axes.scatter(columns + shift, rows + 0.13, s=7, marker=marker, linewidths=0, c=colours)
        meanings.append(meaning)
    return meanings


def _label_bar(bar: Axes, data: HeatmapData) -> None:
    seeds = {seeds for _, seeds in data.behind}
    over = "one seed" if seeds == {1} else f"mean over {_span(seeds)} seeds"
    bar.set_ylabel(f"Spearman's rank correlation\n({over})")
    bar.set_yticks([-1, -0.5, 0, 0.5, 1])
    bar.tick_params(length=2)


def _span(numbers: set[int]) -> str:
    least, most = min(numbers, default=0), max(numbers, default=0)
    return f"{most}" if least == most else f"{least} to {most}"


def _write_title(axes: Axes, data: HeatmapData, remarks: Sequence[str]) -> None:
    seeds = {seeds for _, seeds in data.behind}
    over = "one seed" if seeds == {1} else f"{_span(seeds)} seeds"
    facts = f"n = {_span({n for n, _ in data.behind})} architectures per seed, {over}"
    if len(data.behind) > 1:
        facts += "; in the cells: architectures×seeds"
    if data.means.isna().to_numpy().any():
        facts += "; hatched: undefined"
    spaces = sorted({str(name).split("-", 1)[0] for name in data.means.columns})
    lines = [", ".join(spaces), facts, *remarks]
    for place, line in enumerate(lines):
        axes.annotate(
            line,
            (0, 1),
            (0, 8 + 12 * (len(lines) - 1 - place)),
            xycoords="axes fraction",
            textcoords="offset points",
            weight="normal" if place else "bold",
        )
