"""The sizes of the networks of a space: figures 5a, 7, 9, 10, 11 of SWAP-NAS (arXiv:2403.04161)."""

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from zc_bench.engine.architectures import held_out
from zc_bench.figures.style import style
from zc_bench.proxies.reg_swap import UNITS
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry

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


def sizes_data(space: str, task: str, unit: str, samples: int) -> SizesData:
    """Count the parameters of held-out architectures, those that set mu and sigma.

    Args:
        space: a search space.
        task: a task. Its head is part of the network. It needs no ground truth.
        unit: "M" or "K".
        samples: the number of architectures.
    """
    drawn = held_out(space, samples)
    counts = [
        space_registry[space].parameters(architecture, task_registry[task])
        for architecture in drawn
    ]
    frame = pd.DataFrame(
        {"architecture": [architecture.key for architecture in drawn], "parameters": counts}
    )
    return SizesData(frame, unit, f"{space}, {task}")


def draw_sizes(data: SizesData) -> Figure:
    """Draw a histogram with the range of mu and sigma."""
    sizes = data.in_units
    with style():
        figure = Figure(figsize=(3.4, 2.3), layout="constrained")
        axes = figure.add_subplot()
        axes.hist(sizes, bins=40, color="#0072b2", edgecolor="white", linewidth=0.3)
        axes.set(xlabel=_WORDS[data.unit], ylabel="architectures")
        axes.set_title(
            f"{data.title}\n{len(sizes)} architectures: {sizes.min():.3g} to {sizes.max():.3g}, "
            f"median {sizes.median():.3g}",
            loc="left",
            fontsize=7.5,
        )
        axes.spines[["top", "right"]].set_visible(False)
    return figure
