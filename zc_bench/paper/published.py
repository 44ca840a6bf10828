"""Our correlations beside published ones, for figure 4."""

import math
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy import stats

from zc_bench.errors import ZcBenchError
from zc_bench.figures.intervals import intervals
from zc_bench.figures.style import DARK, style, two_decimals
from zc_bench.statistics.correlate import Report

# NAS-Bench-Suite-Zero: ten seeds of 1000 architectures, printed with two decimals.
_PUBLISHED_N = 10_000
_ROUNDING = 0.005
_ENOUGH = 10  # architectures; the interval of three in perfect order is a point
_CELL_WIDTH, _CELL_HEIGHT = 0.36, 0.19
_LEAST_WIDTH = 4.2  # of the titles
_SPAN = 0.5  # of differences, which are small


@dataclass(frozen=True, eq=False)
class PublishedData:
    """The data of the comparison.

    Attributes:
        table: one row per cell that both have: proxy, column ("space-task"), ours, low, high, n,
            seeds, published, difference (ours - published), beyond_noise.
        source: the name of the published source.
    """

    table: pd.DataFrame
    source: str

    def wide(self, name: str) -> pd.DataFrame:
        """Return one column of the table as proxies x columns, our best first."""
        ours = self.table.pivot_table(index="proxy", columns="column", values="ours", sort=False)
        rows, columns = (
            ours.mean(axis=axis).sort_values(ascending=False, kind="stable").index
            for axis in (1, 0)
        )
        return self.table.pivot(index="proxy", columns="column", values=name).loc[rows, columns]


def read_published(path: Path | None = None) -> pd.DataFrame:
    """Read published correlations.

    Args:
        path: a CSV file with the column proxy and a column "space-task" for every task; lines that
            begin with # are ignored. The default is the file of NAS-Bench-Suite-Zero in the
            package.

    Returns:
        Proxies x "space-task"; NaN without a published number.

    Raises:
        ZcBenchError: if the file is not of that form.

    Examples:
        >>> float(read_published().loc["nwot", "nb201-cifar100"])
        0.8
    """
    source = files("zc_bench.paper").joinpath("published_spearman.csv") if path is None else path
    try:
        with source.open(encoding="utf-8") as file:
            frame = pd.read_csv(file, comment="#", index_col="proxy").astype(float)
    except (OSError, ValueError) as error:
        message = (
            f"{source} is no table of correlations ({error}): expected a CSV file with the column "
            "proxy and a column like nb201-cifar10 for every task."
        )
        raise ZcBenchError(message) from error
    return frame


def published_data(report: Report, published: pd.DataFrame, source: str) -> PublishedData:
    """Put our correlations beside published ones.

    A difference is beyond noise if it exceeds the combined half-width of our interval and of the
    published number: the root of the sum of their squares, plus the rounding to two decimals. The
    published number's half-width follows from its value and number of trials (Bonett and Wright
    2000, eq. 3: the variance of Fisher's z of Spearman's rho is (1 + rho^2 / 2) / (n - 3)). With
    fewer than ten architectures, no difference is beyond noise.

    Args:
        report: our correlations.
        published: proxies x "space-task".
        source: the name of their source.

    Returns:
        One row per cell that both have.

    Raises:
        ZcBenchError: if they have no cell in common.
    """
    ours = intervals(report).rename(columns={"spearman": "ours"})
    ours.insert(1, "column", ours.pop("space") + "-" + ours.pop("task"))
    tidy = (
        published.rename_axis("proxy")
        .reset_index()
        .melt("proxy", var_name="column", value_name="published")
    )
    table = (
        ours.merge(tidy, on=["proxy", "column"])
        .dropna(subset=["ours", "published"])
        .reset_index(drop=True)
    )
    if table.empty:
        message = (
            f"None of our correlations is in {source}: its proxies are "
            f"{', '.join(map(str, published.index))}, its columns "
            f"{', '.join(map(str, published.columns))}; ours must be among them."
        )
        raise ZcBenchError(message)
    table["difference"] = table["ours"] - table["published"]
    quantile = stats.norm.ppf((1 + report.confidence) / 2)
    # The slope of tanh converts the deviation of Fisher's z to that of rho.
    deviation = (1 - table["published"] ** 2) * (
        (1 + table["published"] ** 2 / 2) / (_PUBLISHED_N - 3)
    ) ** 0.5
    half = (((table["high"] - table["low"]) / 2) ** 2 + (quantile * deviation) ** 2) ** 0.5
    table["beyond_noise"] = (table["difference"].abs() > half + _ROUNDING) & (table["n"] >= _ENOUGH)
    return PublishedData(table, source)


def draw_published(data: PublishedData) -> Figure:
    """Draw ours, the published ones and their difference; frames mark differences beyond noise.

    Args:
        data: the comparison.

    Returns:
        Three heat maps, one below another.
    """
    tables = {
        "ours": data.wide("ours"),
        f"published: {data.source}": data.wide("published"),
        f"ours − published, colours to ±{_SPAN}; framed: beyond noise": data.wide("difference"),
    }
    rows, columns = data.wide("ours").shape
    with style():
        figure = Figure(
            figsize=(
                max(1.3 + columns * _CELL_WIDTH, _LEAST_WIDTH),
                1.5 + 3 * (rows * _CELL_HEIGHT + 0.2),
            ),
            layout="constrained",
        )
        panels = figure.subplots(3, 1, sharex=True)
        for axes, (title, table), span in zip(panels, tables.items(), (1, 1, _SPAN), strict=True):
            _draw_table(axes, table, span)
            axes.set_title(title, loc="left", fontsize=7.5)
        _frame(panels[2], data.wide("beyond_noise"))
        labels = [str(name).replace("-", "\n", 1) for name in data.wide("ours").columns]
        panels[2].set_xticklabels(labels, rotation=90, fontsize=6.5)
    return figure


def _draw_table(axes: Axes, table: pd.DataFrame, span: float) -> None:
    sns.heatmap(
        table,
        ax=axes,
        cmap="vlag",
        vmin=-span,
        vmax=span,
        cbar=False,
        linewidths=0.5,
        xticklabels=True,
        yticklabels=True,
    )
    axes.set(xlabel="", ylabel="")
    axes.tick_params(length=0, labelsize=7)
    axes.tick_params(axis="y", rotation=0)
    for (row, column), value in np.ndenumerate(table.to_numpy(np.float64)):
        if not math.isnan(value):
            colour = "white" if abs(value) > DARK * span else "0.1"
            axes.text(
                column + 0.5,
                row + 0.5,
                two_decimals(value),
                color=colour,
                ha="center",
                va="center",
                fontsize=6.5,
            )


def _frame(axes: Axes, marked: pd.DataFrame) -> None:
    """Draw a frame around every marked cell."""
    for row, column in np.argwhere(marked.fillna(False).to_numpy(bool)):
        axes.add_patch(
            Rectangle(
                (column + 0.06, row + 0.08), 0.88, 0.84, fill=False, edgecolor="0.1", linewidth=0.8
            )
        )
