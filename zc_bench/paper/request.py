"""What a figure or table is made from, and what is made."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypedDict

import pandas as pd
from matplotlib.figure import Figure

from zc_bench import benchmark
from zc_bench._internal.durations import parse_duration
from zc_bench.errors import ZcBenchError
from zc_bench.result import Result
from zc_bench.seeds import Seeds
from zc_bench.spec import SPECS, Spec, read_experiment
from zc_bench.statistics.correlate import InvalidPolicy, Report


class RunOptions(TypedDict, total=False):
    """Arguments of `zc_bench.run` that say how scores are computed, not which."""

    device: str
    workers: int
    threads: int | None
    scheduler: str | None
    budget: str | float | None
    fresh: bool
    invalid: InvalidPolicy
    progress: bool | None


@dataclass(frozen=True, eq=False)
class Reproduced:
    """A figure or table.

    Attributes:
        title: its content, in one line.
        table: the data, as written to CSV.
        figure: the picture.
        beside: further data and pictures, by the suffix of their files.
        ranking: the rank correlations of the figure, if it has any.
        summary: the table in the form of the paper, if there is one.
        interrupted: whether Ctrl-C ended the runs.
        paths: the files that were written.
    """

    title: str
    table: pd.DataFrame
    figure: Figure
    beside: Mapping[str, tuple[pd.DataFrame, Figure]] = field(default_factory=dict)
    ranking: Report | None = None
    summary: pd.DataFrame | None = None
    interrupted: bool = False
    paths: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Request:
    """A figure or table that is asked for.

    Attributes:
        name: the figure or table.
        folder: the folder of stores, pictures and tables.
        samples: architectures per seed, or per search; None takes the experiment's.
        seeds: independent runs; None takes the experiment's.
        spaces: search spaces of the experiment; empty means all.
        all_tasks: whether all tasks with ground truth are taken, instead of the paper's.
        inputs: images; None takes the experiment's.
        published: a table of published correlations; None takes the shipped one.
        options: how scores are computed.
    """

    name: str
    folder: Path
    samples: int | None = None
    seeds: Seeds | None = None
    spaces: tuple[str, ...] = ()
    all_tasks: bool = False
    inputs: str | None = None
    published: Path | None = None
    options: RunOptions = field(default_factory=RunOptions)

    def specs(self, experiment: str) -> list[Spec]:
        """Read the runs of an experiment in `zc_bench/paper/specs`, and change them as asked."""
        return self.changed(read_experiment(SPECS / f"{experiment}.toml").runs)

    def changed(self, runs: Sequence[Spec]) -> list[Spec]:
        """Change runs as asked, without those of other search spaces.

        Raises:
            ZcBenchError: if no run has a search space that is asked for.
        """
        known = [spec.space for spec in runs]
        if other := next((space for space in self.spaces if space not in known), None):
            message = f"{self.name} is not about {other}: its search spaces are {', '.join(known)}."
            raise ZcBenchError(message)
        return [
            replace(
                spec,
                tasks=() if self.all_tasks else spec.tasks,
                samples=self.samples or spec.samples,
                seeds=self.seeds or spec.seeds,
                protocol=replace(spec.protocol, inputs=self.inputs or spec.protocol.inputs),
            )
            for spec in runs
            if not self.spaces or spec.space in self.spaces
        ]

    def run(self, specs: Sequence[Spec], store: str | None = None) -> Result:
        """Read the scores of runs, and compute missing ones.

        Args:
            specs: the runs.
            store: the name of the file of the scores, of one run.
        """
        if store is None:
            return benchmark.run(specs, folder=self.folder, **self.options)
        return benchmark.run(specs, store=self.folder / specs[0].space / store, **self.options)

    def with_share_of_time(self, count: int) -> "Request":
        """Divide the budget among several runs that follow one another."""
        budget = self.options.get("budget")
        seconds = parse_duration(budget) if isinstance(budget, str) else budget
        if seconds is None or math.isinf(seconds):
            return self
        return replace(self, options={**self.options, "budget": seconds / count})
