"""Figures of plug-ins: a plug-in declares runs, and returns a table and its picture."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import pandas as pd
from matplotlib.figure import Figure

from zc_bench.errors import ZcBenchError
from zc_bench.registry import Registry, summary_of
from zc_bench.spec import Experiment, Spec
from zc_bench.statistics.correlate import Report

Draw = Callable[[pd.DataFrame, Report], tuple[pd.DataFrame, Figure]]
F = TypeVar("F", bound=Draw)

# Names of figures and tables of the paper, present and future.
_OF_THE_PAPER = re.compile(r"(figure|table)\d.*")


@dataclass(frozen=True)
class PluginFigure:
    """A figure of a plug-in.

    Attributes:
        name: what users type.
        function: takes scores with their ground truth, one row each, and their report; returns data
            and picture.
        experiment: the runs of the figure.
        summary: the first line of the docstring.
    """

    name: str
    function: Draw = field(repr=False)
    experiment: Experiment
    summary: str


figure_registry: Registry[PluginFigure] = Registry("figure")


def figure(name: str, *, runs: Sequence[Spec]) -> Callable[[F], F]:
    """Register a figure for `zc-bench reproduce`; the function comes back unchanged.

    Args:
        name: what users type.
        runs: a spec per space. Users may change sizes, spaces and images.

    Returns:
        The decorator, for a function of the scores and the ranking of a `zc_bench.result.Result`.
        The function returns the data, which is written as CSV, and the picture.

    Raises:
        ZcBenchError: if there is no run, two runs have one space, the docstring is missing, or the
            name is taken by a plug-in or by the paper.

    Examples:
        >>> from zc_bench.spec import Spec
        >>> @figure("truths", runs=[Spec("nb201", "cifar10", "params")])
        ... def truths(scores, ranking):
        ...     "Draw the ground truth of all architectures."
        ...     axes = (picture := Figure()).add_subplot()
        ...     axes.hist(scores["truth"])
        ...     return scores[["architecture", "truth"]], picture
        >>> figure_registry["truths"].summary
        'Draw the ground truth of all architectures.'
    """

    def register(function: F) -> F:
        if _OF_THE_PAPER.fullmatch(name):
            message = (
                f"The name {name!r} is kept for a figure or table of the paper: choose another."
            )
            raise ZcBenchError(message)
        summary = summary_of(function, "figure", name, listed="figures")
        found = PluginFigure(name, function, Experiment(tuple(runs)), summary)
        figure_registry.register(name, found)
        return function

    return register
