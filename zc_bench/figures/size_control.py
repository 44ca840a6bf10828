"""The effect of mu and sigma on found sizes: figures 5b and 8 of SWAP-NAS (arXiv:2403.04161)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zc_bench._internal.saying import Say, quietly
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.figures.style import LOOKS, style
from zc_bench.proxies.reg_swap import UNITS
from zc_bench.search import SearchSpec, run_searches, stack
from zc_bench.seeding import numpy_generator
from zc_bench.spaces import Architecture, space_registry
from zc_bench.store import Row, Store
from zc_bench.tasks import task_registry

# mu = sigma in the paper, in thousands of parameters of one cell: section 4.3 and appendix A.
LEVELS: Mapping[str, Sequence[float]] = {
    "cifar10": (0.5, 0.9, 1.3, 1.7, 2.1, 2.5),
    "imagenet": (25.0, 25.5, 26.0, 26.5, 27.0, 27.5),
}
_JITTER = 0.12  # of the distance of two levels


@dataclass(frozen=True, eq=False)
class SizeControlData:
    """The data of the figure.

    Attributes:
        found: one row per search: mu (which sigma equals), seed, architecture, parameters (of the
            network that was searched), stacked (of the network that is trained), scored
            (architectures), seconds (that scoring them took).
        unit: of mu: "M" or "K".
        title: space and task.
    """

    found: pd.DataFrame
    unit: str
    title: str


def size_control_data(
    spec: SearchSpec,
    scorer: ArchitectureScorer,
    levels: Sequence[float],
    folder: Path,
    *,
    say: Say = quietly,
) -> SizeControlData:
    """Search with every mu = sigma.

    Args:
        spec: the search, by one algorithm. Its seeds are the searches of a level, five in the
            paper.
        scorer: the scorer of its space, whose mu and sigma are replaced.
        levels: mu, in the size unit of the lab's protocol.
        folder: the folder of the scores, one store per level. An interrupted search continues from
            it.
        say: a function that is called with a sentence about every level.
    """
    found = pd.DataFrame(
        [row for level in levels for row in _search(spec, scorer, level, folder, say)]
    )
    return SizeControlData(found, scorer.protocol.size_unit, f"{spec.space}, {spec.task}")


def _search(
    spec: SearchSpec, scorer: ArchitectureScorer, level: float, folder: Path, say: Say
) -> Iterator[dict[str, object]]:
    """Run the searches of a level; yield a row for each."""
    scorer = replace(scorer, protocol=replace(scorer.protocol, mu=level, sigma=level))
    with Store(folder / f"mu-{level:g}.h5", scorer.identity(), {"search": asdict(spec)}) as store:
        best = {
            seed: evaluation.best.architecture
            for _, seed, evaluation in run_searches(spec, scorer, store)
        }
        trials = store.contents.trials
    for seed, architecture in best.items():
        sizes = {
            "parameters": _size(architecture, spec.task),
            "stacked": _size(stack(architecture), spec.task),
        }
        say(
            f"mu = sigma = {level:g} {scorer.protocol.size_unit}, seed {seed}: {sizes['parameters']:,} parameters"
        )
        scored = [trial for key, trial in trials.items() if key.seed == seed]
        cost = {"scored": len(scored), "seconds": sum(map(_seconds, scored))}
        yield {"mu": level, "seed": seed, "architecture": architecture.key, **sizes, **cost}


def _seconds(trial: Row) -> float:
    return sum(trial.pass_seconds.values()) + sum(score.seconds for score in trial.scores.values())


def _size(architecture: Architecture, task: str) -> int:
    return space_registry[architecture.space].parameters(architecture, task_registry[task])


def draw_size_control(data: SizeControlData) -> Figure:
    """Draw sizes against mu, a dot per search: of the searched and of the trained network."""
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


def _draw(axes: Axes, data: SizeControlData, sizes: pd.Series, label: str) -> None:
    levels = np.unique(data.found["mu"])
    step = np.diff(levels).min() if len(levels) > 1 else 1.0
    # Searches of a level tend to find equal sizes, so dots are spread.
    jitter = (numpy_generator(0, "jitter").random(len(sizes)) * 2 - 1) * _JITTER * step
    axes.scatter(data.found["mu"] + jitter, sizes, s=12, color=LOOKS[0][0], alpha=0.7, linewidths=0)
    axes.set(xlabel=f"μ = σ, {data.unit} parameters", ylabel=label, xticks=levels)
    axes.spines[["top", "right"]].set_visible(False)
