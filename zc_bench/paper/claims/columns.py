"""Columns of figure 4: the rank correlations of a space and a task, measured and resampled."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zc_bench.engine.declare import proxy_registry
from zc_bench.seeding import numpy_generator
from zc_bench.spec import SPECS, read_experiment
from zc_bench.statistics.pairs import bootstrap_spearman
from zc_bench.statistics.rank import spearman
from zc_bench.statistics.wide import Wide, widen

TRUTH = "truth"
ENOUGH = 10  # architectures of a seed


@dataclass(frozen=True, eq=False)
class Column:
    """Rank correlations of one space and task.

    Attributes:
        name: "space-task".
        n: architectures of the seed with fewest.
        seeds: how many seeds there are.
        rhos: proxies side by side, means over seeds, higher is better, (R + 1, p); the first row is
            measured, those below are resampled.
    """

    name: str
    n: int
    seeds: int
    rhos: pd.DataFrame


def figure_4_columns() -> list[str]:
    """Return the columns of figure 4, "space-task"."""
    runs = read_experiment(SPECS / "figure4.toml").runs
    return [f"{run.space}-{task}" for run in runs for task in run.tasks]


def measure(
    rows: pd.DataFrame,
    names: Sequence[str],
    resamples: int,
    *,
    rest: bool = False,
    against: str = TRUTH,
) -> dict[str, Column]:
    """Correlate proxies with the truth, or with one of them, column by column.

    Args:
        rows: one row per score, as for `zc_bench.statistics.correlate.correlate`.
        names: the proxies, compared on the architectures that they have in common.
        resamples: how many, R.
        rest: whether all other proxies are measured too, on what all have in common.
        against: "truth", or one of the proxies.

    Returns:
        The columns by name: those in which a seed has enough architectures with all scores.
    """
    chosen = _computed_for_all(rows if rest else rows[rows["proxy"].isin(names)])
    if chosen.empty:
        return {}
    directions = {name: proxy_registry[name].higher_is_better for name in chosen["proxy"].unique()}
    found: dict[str, list[Wide]] = {}
    for wide in widen(chosen, higher_is_better=directions):
        if len(wide.truth) >= ENOUGH and set(names) <= set(wide.scores.columns):
            found.setdefault(f"{wide.space}-{wide.task}", []).append(wide)
    return {
        name: Column(
            name,
            min(len(wide.truth) for wide in wides),
            len(wides),
            mean_of([_correlate(wide, against, resamples) for wide in wides]),
        )
        for name, wides in found.items()
    }


def _computed_for_all(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the trials with the most proxies of their column and seed, whatever their status.

    Stores have more trials with the proxies of a forward pass than with all proxies.
    """
    place = ["space", "task", "seed"]
    counts = rows.groupby([*place, "architecture"])["proxy"].transform("nunique")
    return rows[counts == counts.groupby([rows[name] for name in place]).transform("max")]


def _correlate(wide: Wide, against: str, resamples: int) -> pd.DataFrame:
    """Return the rho of every proxy: measured, and below in every resample."""
    target = (wide.truth if against == TRUTH else wide.scores[against]).to_numpy(np.float64)
    scores = wide.scores.to_numpy(np.float64)
    # Named by the space alone: tasks that have the same architectures are resampled alike.
    generator = numpy_generator(wide.seed, "statements", wide.space)
    measured = [[spearman(column, target) for column in scores.T]]
    resampled = bootstrap_spearman(scores, target, generator, resamples=resamples)
    return pd.DataFrame(np.concatenate([measured, resampled]), columns=wide.scores.columns)


def mean_of(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Average frames cell by cell; what is NaN in some is the mean of the others."""
    return pd.concat(frames).groupby(level=0).mean()
