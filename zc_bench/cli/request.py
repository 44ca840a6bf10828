"""What is asked of a figure or table: the runs that it takes, where they are computed, and where it is written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from zc_bench import figures
from zc_bench._internal.durations import parse_duration
from zc_bench._internal.files import explaining, package_folder, replacing
from zc_bench.cli.computing import Computed, How, as_json, compute, with_ground_truth
from zc_bench.errors import ZcBenchError
from zc_bench.experiment import Experiment
from zc_bench.spec import Spec


def find_experiment(experiment: str) -> Path:
    """Find the file of an experiment."""
    return package_folder("specs", "benchmarks/specs") / f"{experiment}.toml"


@dataclass(frozen=True)
class Request:
    """What the user asks for.

    Attributes:
        name: the figure or table.
        folder: where stores, pictures and tables go.
        how: how trials are computed.
        samples: architectures per seed, or per search; None takes the experiment's.
        seeds: independent runs; None takes the experiment's.
        spaces: only these; empty means all of the experiment.
        all_tasks: whether all tasks with ground truth are asked for, instead of the paper's.
        inputs: images; None takes the experiment's.
        published: a table of published correlations; None takes the one that comes with the package.
    """

    name: str
    folder: Path
    how: How
    samples: int | None = None
    seeds: int | None = None
    spaces: tuple[str, ...] = ()
    all_tasks: bool = False
    inputs: str | None = None
    published: Path | None = None

    def runs(self, experiment: str) -> list[Spec]:
        """Read the runs of an experiment, and change them as asked."""
        text = find_experiment(experiment).read_text(encoding="utf-8")
        return self.changed(Experiment.from_toml(text).runs)

    def possible_runs(self, experiment: str) -> list[Spec]:
        """Read the runs of an experiment that have ground truth here, and change them as asked."""
        return with_ground_truth(self.runs(experiment), self.how)

    def changed(self, runs: Sequence[Spec]) -> list[Spec]:
        """Change runs as asked, and leave out those of search spaces that are not.

        Raises:
            ZcBenchError: if a search space is asked for that none of them has.
        """
        known = [spec.space for spec in runs]
        stranger = next((space for space in self.spaces if space not in known), None)
        if stranger is not None:
            message = (
                f"{self.name} is not about {stranger}: its search spaces are {', '.join(known)}."
            )
            raise ZcBenchError(message)
        return [
            self._changed(spec) for spec in runs if not self.spaces or spec.space in self.spaces
        ]

    def _changed(self, spec: Spec) -> Spec:
        protocol = (
            spec.protocol if self.inputs is None else replace(spec.protocol, inputs=self.inputs)
        )
        return replace(
            spec,
            tasks=() if self.all_tasks else spec.tasks,
            samples=self.samples or spec.samples,
            seeds=self.seeds or spec.seeds,
            protocol=protocol,
        )

    def compute(self, specs: Sequence[Spec], store: str = "scores.h5") -> Computed:
        """Compute what is lacking, with a store and a record per space."""
        folders = [self.folder / spec.space for spec in specs]
        computed = compute(specs, [folder / store for folder in folders], self.how)
        for folder, about in zip(folders, computed.about, strict=True):
            with explaining(folder), replacing((folder / store).with_suffix(".json")) as path:
                path.write_text(as_json(about), encoding="utf-8", errors="backslashreplace")
        return computed

    def with_share_of_time(self, count: int) -> "Request":
        """Share the time out among several computations."""
        if self.how.budget is None or math.isinf(seconds := parse_duration(self.how.budget)):
            return self
        return replace(self, how=replace(self.how, budget=f"{seconds / count:.3f}s"))

    def write(self, table: pd.DataFrame, figure: Figure, stem: str = "") -> None:
        """Write a picture, and its data as CSV beside it."""
        stem = stem or self.name
        with explaining(self.folder):
            figures.save(figure, self.folder, stem)
            with replacing(self.folder / f"{stem}.csv") as path:
                # Bytes, so that the file is the same on every system.
                path.write_bytes(
                    table.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode()
                )
        self.how.say(f"Written to {self.folder}: {stem}.csv, {stem}.png, {stem}.pdf.")
