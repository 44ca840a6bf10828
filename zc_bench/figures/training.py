"""Loss and error of a network over the epochs of its training."""

import pandas as pd
from matplotlib.figure import Figure

from zc_bench.figures.style import LOOKS, style


def draw_training(log: pd.DataFrame, title: str) -> Figure:
    """Draw losses, and errors in percent, of training and validation.

    Args:
        log: one row per epoch: epoch, training_loss, validation_loss, training_accuracy,
            validation_accuracy.
        title: the title of the figure.
    """
    with style():
        figure = Figure(figsize=(6.0, 2.5), layout="constrained")
        losses, errors = figure.subplots(1, 2)
        # A training of one epoch is drawn as a dot.
        marker = "o" if len(log) < 20 else ""
        for split, (colour, dashes) in zip(("training", "validation"), LOOKS, strict=False):
            look = {
                "color": colour,
                "linestyle": dashes,
                "linewidth": 1,
                "marker": marker,
                "markersize": 3,
            }
            losses.plot(log["epoch"], log[f"{split}_loss"], label=split, **look)
            errors.plot(log["epoch"], 100 - log[f"{split}_accuracy"], label=split, **look)
        losses.set(xlabel="epoch", ylabel="loss")
        last = 100 - log["validation_accuracy"].iloc[-1]
        errors.set(xlabel="epoch", ylabel="error, percent", ylim=(0, 1.05 * errors.get_ylim()[1]))
        errors.set_title(f"validation error in the end {last:.2f} %", loc="left", fontsize=7.5)
        for axes in (losses, errors):
            axes.spines[["top", "right"]].set_visible(False)
            axes.xaxis.get_major_locator().set_params(integer=True)
        losses.legend(frameon=False)
        figure.suptitle(title, x=0.01, ha="left", fontsize=8, weight="bold")
    return figure
