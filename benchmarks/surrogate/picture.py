"""Predicted accuracy of what searches have found, over their evaluations."""

from itertools import cycle

import pandas as pd
from matplotlib.figure import Figure

from zc_bench.figures.regret import RegretData
from zc_bench.figures.style import LOOKS, style

_GREY = "0.35"


def accuracies(data: RegretData) -> pd.DataFrame:
    """Turn regrets round: the lower end of a regret is the upper end of an accuracy.

    Returns:
        Index evaluation, columns (algorithm, mean | low | high), in the unit of the metric.
    """
    return (data.best - data.curves).rename(columns={"low": "high", "high": "low"}, level=1)


def draw(data: RegretData, drawn: float, rmse: float) -> Figure:
    """Draw a curve per algorithm with its interval as a band, between two lines of what the table itself holds.

    Args:
        data: regrets, from predicted accuracy.
        drawn: mean accuracy of the table, which a random draw has.
        rmse: of a prediction, in percentage points.
    """
    accuracy = accuracies(data)
    with style():
        figure = Figure(figsize=(4.0, 2.7), layout="constrained")
        axes = figure.add_subplot()
        for name, (colour, dashes) in zip(accuracy.columns.unique(0), cycle(LOOKS), strict=False):
            curve = accuracy[name]
            axes.plot(
                curve.index,
                curve["mean"],
                color=colour,
                linestyle=dashes,
                label=name.replace("_", " "),
            )
            axes.fill_between(
                curve.index, curve["low"], curve["high"], color=colour, alpha=0.15, linewidth=0
            )
        last = max(2, accuracy.index.max())
        for height, text, side in ((data.best, "best", "bottom"), (drawn, "mean", "top")):
            axes.axhline(height, color=_GREY, linewidth=0.8)
            words = f"{text} of the table, measured: {height:.2f}"
            axes.text(
                last,
                height,
                words,
                color=_GREY,
                horizontalalignment="right",
                verticalalignment=side,
                fontsize=7,
            )
        axes.set(xlabel="architectures scored", ylabel=f"predicted {data.metric}", xlim=(1, last))
        axes.set_title(
            f"{data.title}: {data.seeds} seed(s), mean and 95 % interval;\n"
            f"accuracy is predicted by a model of ours, itself off by {rmse:.2f} (r.m.s.)",
            loc="left",
            fontsize=7,
        )
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=6.5)
    return figure
