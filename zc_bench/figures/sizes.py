"""Histograms of the sizes of networks."""

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from zc_bench.figures.style import LOOKS, style
from zc_bench.proxies.reg_swap import UNITS

_WORDS = {"M": "million parameters", "K": "thousand parameters"}


@dataclass(frozen=True, eq=False)
class SizesData:
    """The data of the figure.

    Attributes:
        sizes: columns architecture, parameters.
        unit: "M" or "K", millions or thousands of parameters.
        title: a description of the networks.
    """

    sizes: pd.DataFrame
    unit: str
    title: str

    @property
    def in_units(self) -> pd.Series:
        """The sizes in the unit."""
        return self.sizes["parameters"] / UNITS[self.unit]


def draw_sizes(data: SizesData) -> Figure:
    """Draw a histogram, with number, range and median in its title.

    Args:
        data: the data.

    Returns:
        The figure.
    """
    sizes = data.in_units
    with style():
        figure = Figure(figsize=(3.4, 2.3), layout="constrained")
        axes = figure.add_subplot()
        axes.hist(sizes, bins=40, color=LOOKS[0][0], edgecolor="white", linewidth=0.3)
        axes.set(xlabel=_WORDS[data.unit], ylabel="architectures")
        axes.set_title(
            f"{data.title}\n{len(sizes)} architectures: {sizes.min():.3g} to {sizes.max():.3g}, "
            f"median {sizes.median():.3g}",
            loc="left",
            fontsize=7.5,
        )
        axes.spines[["top", "right"]].set_visible(False)
    return figure
