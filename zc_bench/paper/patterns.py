"""Activation patterns and image size: table 3 and figure 15 of SWAP-NAS (arXiv:2403.04161)."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from zc_bench.engine.scores import Status
from zc_bench.figures.intervals import intervals
from zc_bench.figures.style import LOOKS, style
from zc_bench.paper.request import Reproduced, Request
from zc_bench.statistics.correlate import Report

_PIXELS = (3, 15, 32)
_LABELS = {
    "linear_regions": "standard activation patterns",
    "swap": "sample-wise patterns (swap)",
    "reg_swap": "regularised (reg_swap)",
}


def patterns(request: Request) -> Reproduced:
    """Make table 3, whose picture is figure 15.

    Args:
        request: what is asked for.
    """
    (spec,) = request.specs("table3")
    sharing = request.with_share_of_time(len(_PIXELS))
    results = {}
    for pixels in _PIXELS:
        sized = replace(spec, protocol=replace(spec.protocol, image_size=pixels))
        results[pixels] = sharing.run([sized], f"scores-{pixels}.h5")
        if results[pixels].interrupted:
            break
    table = patterns_data(
        {pixels: result.scores for pixels, result in results.items()},
        {pixels: result.ranking for pixels, result in results.items()},
    )
    return Reproduced(
        "Scores and their rank correlation with the ground truth, by size of the images",
        table,
        draw_patterns(table),
        summary=table,
        interrupted=any(result.interrupted for result in results.values()),
    )


def patterns_data(rows: Mapping[int, pd.DataFrame], reports: Mapping[int, Report]) -> pd.DataFrame:
    """Summarise scores and their correlation by proxy and size of the images.

    Args:
        rows: scores with the ground truth, by image size in pixels.
        reports: their correlations, by image size.

    Returns:
        One row per proxy and size: proxy, pixels, mean and deviation (of the scores, ddof = 1),
        spearman, low, high, n, seeds; the last five as `intervals` returns them.
    """
    frames = []
    for pixels, trials in rows.items():
        done = trials[trials["status"] == Status.DONE.value]
        values = done.groupby("proxy")["score"].agg(mean="mean", deviation="std").reset_index()
        values.insert(1, "pixels", pixels)
        frames.append(
            values.merge(intervals(reports[pixels]).drop(columns=["space", "task"]), on="proxy")
        )
    order = {name: place for place, name in enumerate(_LABELS)}
    stacked = pd.concat(frames, ignore_index=True)
    return stacked.sort_values(
        ["proxy", "pixels"], key=lambda column: column.replace(order), ignore_index=True
    )


def draw_patterns(data: pd.DataFrame) -> Figure:
    """Draw rho over the size of the images, with intervals; constant scores have no rho.

    Args:
        data: as `patterns_data` returns it.

    Returns:
        The figure.
    """
    with style():
        figure = Figure(figsize=(3.6, 2.8), layout="constrained")
        axes = figure.add_subplot()
        sizes = sorted(set(data["pixels"]))
        for shift, (proxy, label), (colour, dashes) in zip(
            (-1, 0, 1), _LABELS.items(), LOOKS, strict=False
        ):
            everywhere = data[data["proxy"] == proxy]
            row = everywhere.dropna(subset="spearman")
            if lacking := [
                f"{size}×{size}" for size in everywhere["pixels"] if size not in set(row["pixels"])
            ]:
                label += f"; undefined for {', '.join(lacking)}"
            # The points are side by side, so that no interval hides another.
            x = [sizes.index(pixels) + 0.07 * shift for pixels in row["pixels"]]
            ends = [row["spearman"] - row["low"], row["high"] - row["spearman"]]
            axes.errorbar(
                x,
                row["spearman"],
                ends,
                color=colour,
                linestyle=dashes,
                marker="o",
                markersize=3,
                linewidth=1,
                label=label,
            )
        axes.axhline(0, color="0.7", linewidth=0.6, zorder=0)
        axes.set_xticks(range(len(sizes)), [f"{size}×{size}" for size in sizes])
        axes.set(
            xlabel="pixels of an image",
            ylabel="Spearman's rank correlation",
            ylim=(min(-0.1, data["low"].min()), 1),
        )
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside upper left", frameon=False, fontsize=7)
    return figure
