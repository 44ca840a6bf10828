"""The regret of searches: the distance from the best of the table, over evaluations."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from scipy import stats

from zc_bench.figures.style import LOOKS, style

_MEAN, _LOW, _HIGH = "mean", "low", "high"


@dataclass(frozen=True, eq=False)
class RegretData:
    """The data of the figure.

    Attributes:
        curves: index evaluation, columns (algorithm, mean | low | high): regret in the unit of the
            metric.
        seeds: searches per algorithm.
        metric: the metric of the ground truth.
        best: the best ground truth of the table.
        title: space and task.
    """

    curves: pd.DataFrame
    seeds: int
    metric: str
    best: float
    title: str

    def table(self) -> pd.DataFrame:
        """Return one row per algorithm and evaluation: algorithm, evaluation, mean, low, high."""
        names = list(dict.fromkeys(self.curves.columns.get_level_values(0)))
        parts = [
            self.curves[name].rename_axis("evaluation").reset_index().assign(algorithm=name)
            for name in names
        ]
        table: pd.DataFrame = pd.concat(parts, ignore_index=True)
        return table.reindex(columns=["algorithm", "evaluation", _MEAN, _LOW, _HIGH])


def regret_data(history: pd.DataFrame, best: float, metric: str, title: str) -> RegretData:
    """Average the regret of the best candidate over seeds, with Student's 95 % interval.

    Args:
        history: columns algorithm, seed, evaluation, truth_of_best.
        best: the best ground truth of the table.
        metric: its metric.
        title: space and task.
    """
    regret = history.assign(regret=best - history["truth_of_best"])
    curves: dict[tuple[str, str], pd.Series] = {}
    for algorithm, rows in regret.groupby("algorithm", sort=False):
        # A search that ended early keeps its last regret.
        wide = rows.pivot_table(index="evaluation", columns="seed", values="regret").ffill()
        n = wide.notna().sum(axis=1)
        half = wide.std(axis=1) / np.sqrt(n) * stats.t.ppf(0.975, np.maximum(n - 1, 1))
        mean = wide.mean(axis=1)
        curves |= {
            (str(algorithm), _MEAN): mean,
            (str(algorithm), _LOW): mean - half,
            (str(algorithm), _HIGH): mean + half,
        }
    return RegretData(pd.DataFrame(curves), int(history["seed"].nunique()), metric, best, title)


def _searches(seeds: int) -> str:
    """Say what the curves are."""
    return "one search" if seeds == 1 else f"mean of {seeds} searches, 95 % interval"


def draw_regret(data: RegretData) -> Figure:
    """Draw a curve per algorithm, with its interval as a band."""
    with style():
        figure = Figure(figsize=(4.6, 3.0), layout="constrained")
        axes = figure.add_subplot()
        names = list(dict.fromkeys(data.curves.columns.get_level_values(0)))
        for name, (colour, dashes) in zip(names, LOOKS * len(names), strict=False):
            curve = data.curves[name]
            axes.plot(
                curve.index,
                curve[_MEAN],
                color=colour,
                linestyle=dashes,
                label=name.replace("_", " "),
            )
            axes.fill_between(
                curve.index, curve[_LOW], curve[_HIGH], color=colour, alpha=0.15, linewidth=0
            )
        means = data.curves.xs(_MEAN, axis="columns", level=1)
        top = float(np.nanmax(means))
        # The axis is logarithmic. A search that found the best, with regret zero, leaves it at the
        # bottom.
        last = max(2, data.curves.index.max())
        axes.set(xlabel="architectures scored", ylabel=f"regret ({data.metric})", xlim=(1, last))
        axes.set(yscale="log", ylim=(max(float(np.nanmin(means)), top / 200) / 1.5, top * 1.5))
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_title(
            f"{data.title}: best of the table {data.best:.2f}, {_searches(data.seeds)}",
            loc="left",
            fontsize=7.5,
        )
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    return figure
