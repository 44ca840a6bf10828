"""The heat map of rank correlations, as figure 4 of SWAP-NAS (arXiv:2403.04161)."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from zc_bench.figures.intervals import intervals
from zc_bench.figures.published import PublishedData
from zc_bench.figures.style import DARK, TEXT, style, two_decimals
from zc_bench.statistics.correlate import Report

# Lengths are in inches, type sizes in points.
_PAGE_WIDTH = 7.0
_CELL_WIDTH, _CELL_HEIGHT = 0.46, 0.34
_BAR_GAP, _BAR_WIDTH, _BAR_HEIGHT = 0.15, 0.12, 1.6
# Margins for tick labels and title. Empty margins are cut when the figure is saved.
_LEFT, _BELOW, _ABOVE, _RIGHT = 1.5, 1.2, 0.8, 1.0
_SMALL = 5.5
_FEW = 0.5  # of the trials that other cells rest on
_SHIPPED = " †"
_ONE = (1, 1)
_CHARACTER = 0.65 * TEXT / 72


@dataclass(frozen=True, eq=False)
class HeatmapData:
    """The data of the heat map.

    Attributes:
        means: mean of Spearman's rho over seeds, proxies x "space-task", in drawing order; NaN
            where undefined.
        spreads: standard deviation over seeds, same shape and order; NaN where there are fewer than
            two.
        counts: n, trials per seed, same shape and order.
        spaces: the search spaces, sorted.
        n: the least and the greatest n of any seed, over defined cells.
        seeds: the least and the greatest number of seeds of any column.
        zero_inside: whether the interval of the mean contains zero, same shape and order; None if
            it was not computed.
        beyond_noise: whether the mean differs from the published one beyond noise; None without
            published means.
        shipped: columns that come with the package and were not computed here.
    """

    means: pd.DataFrame
    spreads: pd.DataFrame
    counts: pd.DataFrame
    spaces: tuple[str, ...]
    n: tuple[int, int]
    seeds: tuple[int, int]
    zero_inside: pd.DataFrame | None = None
    beyond_noise: pd.DataFrame | None = None
    shipped: frozenset[str] = frozenset()


def heatmap_data(
    report: Report, published: PublishedData | None = None, shipped: Iterable[str] = ()
) -> HeatmapData:
    """Gather the data of the heat map.

    Args:
        report: the correlations.
        published: the correlations beside published ones.
        shipped: columns, "space-task", that were not computed here but came with the package.

    Returns:
        Tables in drawing order, and the facts for the title.
    """
    tidy = report.correlations
    defined = tidy["spearman"].notna()
    behind = tidy.loc[defined if defined.any() else slice(None), "n"]
    seeds = tidy.groupby(["space", "task"])["seed"].nunique()
    means = report.spearman()
    cells = intervals(report)
    cells["column"] = cells["space"] + "-" + cells["task"]
    cells["zero_inside"] = (cells["low"] <= 0) & (cells["high"] >= 0)
    return HeatmapData(
        means=means,
        spreads=report.spread(),
        counts=report.counts(),
        spaces=tuple(sorted(set(tidy["space"]))),
        n=(int(behind.min()), int(behind.max())),
        seeds=(int(seeds.min()), int(seeds.max())),
        zero_inside=_marks(cells, "zero_inside", means),
        beyond_noise=None if published is None else _marks(published.table, "beyond_noise", means),
        shipped=frozenset(shipped),
    )


def _marks(cells: pd.DataFrame, name: str, like: pd.DataFrame) -> pd.DataFrame:
    """Arrange truth values in the shape of another table; unknown ones are False."""
    marks = cells.pivot(index="proxy", columns="column", values=name)
    return marks.reindex(index=like.index, columns=like.columns).eq(True)


def draw_heatmap(data: HeatmapData) -> Figure:
    """Draw the heat map: a cell shows the mean and the spread; a hatched cell is undefined.

    A cell shows n instead of the spread if it has less than half of the trials of other cells.

    Args:
        data: the data.

    Returns:
        A figure whose size depends on rows and columns, outside pyplot's global state. `style.save`
        cuts its wide margins.
    """
    rows, columns = data.means.shape
    labels = [
        str(name).replace("-", "\n", 1) + _SHIPPED * (name in data.shipped)
        for name in data.means.columns
    ]
    label_width = max(len(line) for label in labels for line in label.split("\n")) * _CHARACTER
    upright = columns * label_width <= _PAGE_WIDTH
    cell_width = max(label_width, _CELL_WIDTH) if upright else _CELL_WIDTH
    width, height = columns * cell_width, rows * _CELL_HEIGHT
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
        marked = _draw_marks(axes, data)
        _label_bar(bar, data.seeds)
        if data.shipped:
            marked.append(
                f"{_SHIPPED.strip()} not computed here: correlations that come with zc-bench"
            )
        _write_title(axes, data, marked)
    return figure


def heatmap(report: Report) -> Figure:
    """Draw the heat map of a report."""
    return draw_heatmap(heatmap_data(report))


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
    """Write mean and spread into every cell, and hatch those that are undefined."""
    for row, proxy in enumerate(data.means.index):
        for column, task in enumerate(data.means.columns):
            mean, spread = data.means.loc[proxy, task], data.spreads.loc[proxy, task]
            if pd.isna(mean):
                axes.add_patch(
                    Rectangle(
                        (column, row),
                        1,
                        1,
                        facecolor="0.94",
                        edgecolor="0.75",
                        hatch="/////",
                        linewidth=0,
                    )
                )
                continue
            colour = "white" if abs(mean) > DARK else "0.1"
            below = _below(spread, int(data.counts.loc[proxy, task]), data.n[1])
            middle = row + 0.38 if below else row + 0.5
            axes.text(
                column + 0.5, middle, two_decimals(mean), color=colour, ha="center", va="center"
            )
            if below:
                axes.text(
                    column + 0.5,
                    row + 0.76,
                    below,
                    color=colour,
                    ha="center",
                    va="center",
                    fontsize=_SMALL,
                )


def _below(spread: float, n: int, most: int) -> str:
    """Return the text below a mean: n if the cell has few trials, else the spread."""
    if n < _FEW * most:
        return f"n={n}"
    return "" if pd.isna(spread) else f"±{two_decimals(spread)}"


def _draw_marks(axes: Axes, data: HeatmapData) -> list[str]:
    """Draw the marks of cells into their upper corners, and a legend."""
    kinds = (
        (data.zero_inside, 0.1, "$○$", "circle: the interval of the mean contains 0"),
        (data.beyond_noise, 0.9, "v", "triangle: differs from the published value beyond noise"),
    )
    meanings = []
    for marks, aside, marker, meaning in kinds:
        if marks is None or not (shown := marks & data.means.notna()).to_numpy().any():
            continue
        rows, columns = np.nonzero(shown.to_numpy())
        dark = np.abs(data.means.to_numpy()[rows, columns]) > DARK
        colours = np.where(dark, "white", "0.1").tolist()
        axes.scatter(columns + aside, rows + 0.13, s=7, marker=marker, linewidths=0, c=colours)
        meanings.append(meaning)
    return meanings


def _label_bar(bar: Axes, seeds: tuple[int, int]) -> None:
    over = "one seed" if seeds == _ONE else f"mean over {_span(seeds)} seeds"
    bar.set_ylabel(f"Spearman's rank correlation\n({over})")
    bar.set_yticks([-1, -0.5, 0, 0.5, 1])
    bar.tick_params(length=2)


def _span(ends: tuple[int, int]) -> str:
    least, most = ends
    return f"{most}" if least == most else f"{least} to {most}"


def _write_title(axes: Axes, data: HeatmapData, marked: list[str]) -> None:
    over = ", one seed" if data.seeds == _ONE else f" per seed, {_span(data.seeds)} seeds"
    facts = f"n = {_span(data.n)} architectures{over}"
    if data.means.isna().to_numpy().any():
        facts += "; hatched: undefined"
    lines = [", ".join(data.spaces), facts, *marked]
    for place, line in enumerate(lines):
        height = 8 + 12 * (len(lines) - 1 - place)
        weight = "normal" if place else "bold"
        axes.annotate(
            line,
            (0, 1),
            (0, height),
            xycoords="axes fraction",
            textcoords="offset points",
            weight=weight,
        )
