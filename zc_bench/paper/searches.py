"""The effect of mu and sigma on found sizes: figures 5b and 8 of SWAP-NAS (arXiv:2403.04161)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zc_bench.figures.style import LOOKS, style
from zc_bench.paper.request import Reproduced, Request
from zc_bench.proxies.reg_swap import UNITS
from zc_bench.searches.api import SearchResult, search
from zc_bench.seeding import numpy_generator
from zc_bench.spec import preset_registry
from zc_bench.store import Row, TrialKey, read_store

# mu = sigma in the paper, in thousands of parameters of one cell: section 4.3 and appendix A.
LEVELS: Mapping[str, Sequence[float]] = {
    "cifar10": (0.5, 0.9, 1.3, 1.7, 2.1, 2.5),
    "imagenet": (25.0, 25.5, 26.0, 26.5, 27.0, 27.5),
}
_SPACE, _PRESET = "darts_search", "swap-nas"
_EVALUATIONS = 200  # of a search; the paper states no number
_SEARCHES = 5  # per level, as in the paper
_OPTIONS = ("device", "workers", "threads", "scheduler", "budget", "progress")
_JITTER = 0.12  # of the distance of two levels
COLUMNS = ["mu", "seed", "architecture", "parameters", "stacked", "scored", "seconds"]


@dataclass(frozen=True, eq=False)
class SearchesData:
    """Searches with several mu = sigma.

    Attributes:
        found: one row per search: mu, seed, architecture, parameters (of the network that was
            searched), stacked (of the network that is trained), scored (architectures), seconds
            (that scoring them took).
        title: space and task.
        interrupted: whether Ctrl-C ended a search.
    """

    found: pd.DataFrame
    title: str
    interrupted: bool = False

    @property
    def unit(self) -> str:
        """The unit of mu, "M" or "K"."""
        return preset_registry[_PRESET].size_unit


def run_searches(request: Request, task: str, levels: Sequence[float]) -> SearchesData:
    """Search the space of one DARTS cell with every mu = sigma.

    Args:
        request: samples are the architectures scored per search, seeds the searches of a level.
        task: "cifar10" or "imagenet".
        levels: mu, in thousands of parameters. Every level has its own store, which figures and
            tables share.
    """
    options: dict[str, Any] = {**request.with_share_of_time(len(levels)).options}
    rows, interrupted = [], False
    for level in levels:
        result = search(
            _SPACE,
            task=task,
            evaluations=request.samples or _EVALUATIONS,
            seeds=request.seeds or _SEARCHES,
            protocol=_PRESET,
            inputs=request.inputs,
            mu=level,
            sigma=level,
            store=request.folder / f"searches-{task}" / f"mu-{level:g}.h5",
            **{name: options[name] for name in _OPTIONS if name in options},
        )
        rows.append(found_by(result, level))
        if interrupted := result.interrupted:
            break
    return SearchesData(pd.concat(rows, ignore_index=True), f"{_SPACE}, {task}", interrupted)


def found_by(result: SearchResult, level: float) -> pd.DataFrame:
    """List the searches of one level.

    Args:
        result: the searches.
        level: mu, which sigma equals.

    Returns:
        One row per search, as in `SearchesData.found`.
    """
    trials = read_store(result.store).trials
    evaluated = result.history.drop_duplicates(["seed", "architecture"])
    keys = [
        TrialKey(result.task, architecture, seed)
        for architecture, seed in zip(evaluated["architecture"], evaluated["seed"], strict=True)
    ]
    costs = [_seconds(trials[key]) if key in trials else 0.0 for key in keys]
    by_seed = evaluated.assign(seconds=costs).groupby("seed")["seconds"].sum()
    found = result.found
    return found.assign(mu=level, seconds=found["seed"].map(by_seed))[COLUMNS]


def _seconds(trial: Row) -> float:
    return sum(trial.pass_seconds.values()) + sum(score.seconds for score in trial.scores.values())


def size_control(request: Request, task: str) -> Reproduced:
    """Make figure 5b or 8.

    Args:
        request: what is asked for.
        task: "cifar10" or "imagenet".
    """
    data = run_searches(request, task, LEVELS[task])
    title = f"{data.title}: sizes of found networks"
    figure = draw_size_control(data)
    return Reproduced(title, data.found, figure, interrupted=data.interrupted)


def draw_size_control(data: SearchesData) -> Figure:
    """Draw sizes against mu, a dot per search: of the searched and of the trained network.

    Args:
        data: the searches.

    Returns:
        Two panels.
    """
    with style():
        figure = Figure(figsize=(6.0, 2.5), layout="constrained")
        searched, trained = figure.subplots(1, 2)
        _draw(
            searched, data, data.found["parameters"] / UNITS[data.unit], f"size found, {data.unit}"
        )
        _draw(trained, data, data.found["stacked"] / UNITS["M"], "size when stacked, M")
        levels = sorted(data.found["mu"].unique())
        searched.plot(levels, levels, color="0.6", linewidth=0.8, zorder=0, label="μ")
        searched.legend(frameon=False, fontsize=7)
        searches = data.found.groupby("mu").size().max()
        figure.suptitle(
            f"{data.title}: {searches} searches per μ", x=0.01, ha="left", fontsize=8, weight="bold"
        )
    return figure


def _draw(axes: Axes, data: SearchesData, sizes: pd.Series, label: str) -> None:
    levels = np.unique(data.found["mu"])
    step = np.diff(levels).min() if len(levels) > 1 else 1.0
    # Searches of a level tend to find equal sizes, so dots are spread.
    jitter = (numpy_generator(0, "jitter").random(len(sizes)) * 2 - 1) * _JITTER * step
    axes.scatter(data.found["mu"] + jitter, sizes, s=12, color=LOOKS[0][0], alpha=0.7, linewidths=0)
    axes.set(xlabel=f"μ = σ, {data.unit} parameters", ylabel=label, xticks=levels)
    axes.spines[["top", "right"]].set_visible(False)
