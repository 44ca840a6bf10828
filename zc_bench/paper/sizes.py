"""Sizes of networks, and regularisation by size: figures 5a, 6, 7 and 9 to 11 of SWAP-NAS."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zc_bench.engine.architectures import HELD_OUT, held_out
from zc_bench.figures.sizes import SizesData, draw_sizes
from zc_bench.figures.style import LOOKS, style
from zc_bench.paper.request import Reproduced, Request
from zc_bench.proxies.reg_swap import UNITS, Regularisation
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry

_POINTS = 401


def histogram(request: Request, space: str, task: str, unit: str) -> Reproduced:
    """Make figure 5a, 7, 9, 10 or 11: the sizes of the networks of a space.

    Args:
        request: what is asked for; samples are the architectures.
        space: the search space.
        task: the task.
        unit: "M" or "K", millions or thousands of parameters.
    """
    data = sizes_data(space, task, unit, request.samples or HELD_OUT)
    return Reproduced(f"{data.title}: parameters", data.sizes, draw_sizes(data))


def sizes_data(space: str, task: str, unit: str, samples: int) -> SizesData:
    """Count the parameters of held-out architectures, which set mu and sigma.

    Args:
        space: a search space.
        task: a task. Its head is part of the network. It needs no ground truth.
        unit: "M" or "K".
        samples: the number of architectures.

    Returns:
        The sizes.

    Examples:
        >>> sizes_data("nb201", "cifar10", "M", 20).in_units.between(0.07, 1.6).all()
        np.True_
    """
    drawn = held_out(space, samples)
    counts = [
        space_registry[space].parameters(architecture, task_registry[task])
        for architecture in drawn
    ]
    keys = [architecture.key for architecture in drawn]
    frame = pd.DataFrame({"architecture": keys, "parameters": counts})
    return SizesData(frame, unit, f"{space}, {task}")


def regularisation(request: Request) -> Reproduced:  # noqa: ARG001 - as all figures
    """Make figure 6, over the sizes of figure 5a: 0.5 to 2.5 thousand parameters."""
    curves = regularisation_data((0.5, 1.1, 1.9, 2.5), (0.1, 0.5, 1.5, 2.5), 1.5, "K")
    return Reproduced("Regularisation by size", curves, draw_regularisation(curves, "K"))


def regularisation_data(
    mus: Sequence[float], sigmas: Sequence[float], fixed: float, unit: str
) -> pd.DataFrame:
    """Compute curves with varying centre and curves with varying width.

    Args:
        mus: the centres, in the unit, of curves with the width `fixed`.
        sigmas: the widths, in the unit, of curves with the centre `fixed`.
        fixed: the sigma or mu that does not vary.
        unit: "M" or "K", millions or thousands of parameters.

    Returns:
        Columns varied ("mu" or "sigma"), mu, sigma, size (in the unit, from 0 to twice `fixed`), f
        (eq. 5).
    """
    sizes = np.linspace(0, 2 * fixed, _POINTS)
    pairs = [("mu", mu, fixed) for mu in mus] + [("sigma", fixed, sigma) for sigma in sigmas]
    rows = [
        (varied, mu, sigma, size, bell(round(size * UNITS[unit])))
        for varied, mu, sigma in pairs
        for bell in [Regularisation(mu, sigma, unit)]
        for size in sizes
    ]
    return pd.DataFrame(rows, columns=["varied", "mu", "sigma", "size", "f"])


def draw_regularisation(curves: pd.DataFrame, unit: str) -> Figure:
    """Draw both families of curves side by side.

    Args:
        curves: as `regularisation_data` returns them.
        unit: "M" or "K".

    Returns:
        The figure.
    """
    with style():
        figure = Figure(figsize=(6.4, 2.3), layout="constrained")
        families = list(curves.groupby("varied"))
        for axes, (varied, family) in zip(
            figure.subplots(1, len(families), sharey=True), families, strict=True
        ):
            _draw_family(axes, str(varied), family, unit)
        figure.axes[0].set_ylabel("f(size)")
    return figure


def _draw_family(axes: Axes, varied: str, family: pd.DataFrame, unit: str) -> None:
    symbols = {"mu": "μ", "sigma": "σ"}
    for (value, curve), (colour, dashes) in zip(
        family.groupby(varied), LOOKS * len(family), strict=False
    ):
        axes.plot(
            curve["size"],
            curve["f"],
            color=colour,
            linestyle=dashes,
            label=f"{symbols[varied]} = {value:g}",
        )
    (other,) = symbols.keys() - {varied}
    axes.set_title(f"{symbols[other]} = {family[other].iloc[0]:g}", loc="left", fontsize=7.5)
    axes.set(
        xlabel=f"size ({unit})", ylim=(0, 1.05), xlim=(family["size"].min(), family["size"].max())
    )
    axes.spines[["top", "right"]].set_visible(False)
    # The legend is outside the axes, which the curves fill.
    axes.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
