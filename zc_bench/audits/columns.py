"""The scores of one proxy, arranged for an audit: one column per space, task and seed."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd

from zc_bench.audits.baselines import baselines
from zc_bench.engine.scores import Status
from zc_bench.errors import ZcBenchError
from zc_bench.seeding import numpy_generator
from zc_bench.spaces import space_registry
from zc_bench.statistics.correlate import InvalidPolicy, ranked_trials
from zc_bench.statistics.rank import LEAST_POINTS, Floats, resample
from zc_bench.statistics.rank_matrix import partial_correlation, rank_covariances

SCORE, TRUTH = 0, 1
FLOPS = "flops"


@dataclass(frozen=True, eq=False)
class Column:
    """The scores of one space, task and seed.

    Attributes:
        space: the search space.
        task: the task.
        seed: the seed.
        score: by architecture, in alphabetical order, higher is better; an invalid score that ranks
            worst is minus infinity.
        truth: ground truth of the same architectures.
        trivial: architectures x trivial baselines, higher is read as better.
        resamples: bootstrap resamples.
    """

    space: str
    task: str
    seed: int
    score: "pd.Series[float]"
    truth: "pd.Series[float]"
    trivial: pd.DataFrame
    resamples: int

    @property
    def n(self) -> int:
        """The number of architectures."""
        return len(self.truth)

    @property
    def names(self) -> list[str]:
        """The names of the trivial baselines."""
        return [str(name) for name in self.trivial.columns]

    @cached_property
    def x(self) -> Floats:
        """The scores, (n,)."""
        return np.asarray(self.score, dtype=np.float64)

    @cached_property
    def y(self) -> Floats:
        """The ground truth, (n,)."""
        return np.asarray(self.truth, dtype=np.float64)

    def baseline(self, name: str) -> Floats:
        """Return a trivial baseline, (n,); constant if the column has none of this name."""
        if name not in self.trivial:
            return np.zeros(self.n)
        return self.trivial[name].to_numpy(np.float64)

    def correlation(self, one: int, other: int, given: Sequence[str] = ()) -> tuple[float, Floats]:
        """Return a rank correlation, and that of every resample.

        Args:
            one: the place of a quantity: SCORE, TRUTH, or two more than that of a baseline.
            other: the place of another.
            given: baselines whose ranks are held fixed; unknown ones are left out.
        """
        fixed = tuple(self.names.index(name) + 2 for name in given if name in self.trivial)
        exact, resampled = self._covariances
        return (
            float(partial_correlation(exact, one, other, fixed)[0]),
            partial_correlation(resampled, one, other, fixed),
        )

    @cached_property
    def _covariances(self) -> tuple[Floats, Floats]:
        """The covariances of all ranks, of the data and of every resample."""
        values = np.column_stack([self.x, self.y, self.trivial.to_numpy(np.float64)])
        generator = numpy_generator(self.seed, "audit", self.space, self.task)
        counts = resample(self.n, self.resamples, generator)
        return (
            rank_covariances(values, np.ones((self.n, 1))),
            rank_covariances(values, counts),
        )


def columns_of(
    rows: pd.DataFrame,
    proxy: str,
    *,
    higher_is_better: bool = True,
    invalid: InvalidPolicy = "worst",
    resamples: int = 400,
) -> list[Column]:
    """Arrange the scores of a proxy.

    Args:
        rows: one row per score, as for `zc_bench.statistics.correlate.correlate`, of one store per
            space.
        proxy: a proxy, by name.
        higher_is_better: its direction.
        invalid: "worst" ranks invalid scores behind all others, "drop" leaves them out.
        resamples: bootstrap resamples.

    Returns:
        The columns with ground truth for three architectures or more, in order of space, task and
        seed.

    Raises:
        ZcBenchError: if none has.
    """
    own = rows[(rows["proxy"] == proxy) & rows["truth"].notna()]
    ranked = ranked_trials(own, invalid, -math.inf if higher_is_better else math.inf)
    sizes = rows[(rows["proxy"] == FLOPS) & (rows["status"] == Status.DONE.value)]
    found = []
    for (space, task), trials in _by(ranked, ["space", "task"]):
        trivial = _trivial(str(space), str(task), trials["architecture"])
        flops = sizes[(sizes["space"] == space) & (sizes["task"] == task)]
        by_key = flops.groupby("architecture")["score"].first()
        for (seed,), of_seed in _by(trials, ["seed"]):
            frame = of_seed.set_index("architecture").sort_index()
            if len(frame) < LEAST_POINTS:
                continue
            score = frame["score"] if higher_is_better else -frame["score"]
            shape = _with_flops(trivial.reindex(frame.index), by_key)
            found.append(
                Column(
                    str(space),
                    str(task),
                    int(cast("int", seed)),
                    score,
                    frame["truth"],
                    shape,
                    resamples,
                )
            )
    if not found:
        message = (
            f"{proxy} has no three scores with ground truth in one space, task and seed: there is "
            "nothing to audit; score more architectures, or name their ground truth."
        )
        raise ZcBenchError(message)
    return found


def by_place(columns: Sequence[Column]) -> dict[tuple[str, str], list[Column]]:
    """Group columns by space and task."""
    grouped: dict[tuple[str, str], list[Column]] = {}
    for column in columns:
        grouped.setdefault((column.space, column.task), []).append(column)
    return grouped


def _by(frame: pd.DataFrame, names: list[str]) -> Iterator[tuple[tuple[object, ...], pd.DataFrame]]:
    yield from frame.groupby(names, observed=True)


def _trivial(space: str, task: str, architectures: "pd.Series[str]") -> pd.DataFrame:
    """Compute the trivial baselines; none of a space whose plug-in is not installed."""
    keys = sorted(set(architectures))
    if space not in space_registry:
        return pd.DataFrame(index=pd.Index(keys))
    return baselines(space, task, keys)


def _with_flops(trivial: pd.DataFrame, flops: "pd.Series[float]") -> pd.DataFrame:
    """Add the number of multiply-adds where it was scored for all."""
    known = flops.reindex(trivial.index)
    return trivial if known.isna().any() else trivial.assign(flops=known)
