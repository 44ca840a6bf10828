"""The regularisation curve over model sizes: figure 6 of SWAP-NAS (arXiv:2403.04161)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zc_bench.figures.style import LOOKS, style
from zc_bench.proxies.reg_swap import UNITS, Regularisation

_POINTS = 401


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
    """Draw both families of curves side by side."""
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
