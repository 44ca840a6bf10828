"""The results of searches as a table, with ground truth where there is one."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from zc_bench.searches.driver import Evaluation
from zc_bench.spaces import space_registry
from zc_bench.tables import Keys, Table
from zc_bench.tasks import task_registry


@dataclass
class History:
    """The evaluations of several searches.

    Attributes:
        space: the search space.
        task: the task.
        proxies: the guiding proxies.
        evaluations: per algorithm and seed, in order.
    """

    space: str
    task: str
    proxies: Sequence[str]
    evaluations: dict[tuple[str, int], list[Evaluation]] = field(default_factory=dict)

    def add(self, algorithm: str, seed: int, evaluation: Evaluation) -> None:
        """Append one evaluation."""
        self.evaluations.setdefault((algorithm, seed), []).append(evaluation)

    def frame(self, table: Table | None = None) -> pd.DataFrame:
        """Return one row per evaluation.

        Args:
            table: ground truth, if there is any.

        Returns:
            Columns: algorithm, seed, evaluation, architecture, parameters, one per proxy (higher is
            better), best (the best architecture so far), truth_of_best (NaN without ground truth).
        """
        rows = [
            (
                algorithm,
                seed,
                evaluation.number,
                evaluation.candidate.architecture.key,
                *evaluation.candidate.values,
                evaluation.best.architecture.key,
            )
            for (algorithm, seed), evaluations in self.evaluations.items()
            for evaluation in evaluations
        ]
        frame = pd.DataFrame(
            rows, columns=["algorithm", "seed", "evaluation", "architecture", *self.proxies, "best"]
        )
        space, task = space_registry[self.space], task_registry[self.task]
        sizes = {
            key: space.parameters(space.parse(key), task) for key in frame["architecture"].unique()
        }
        frame.insert(4, "parameters", frame["architecture"].map(sizes))
        return frame.assign(truth_of_best=_truths(frame["best"], self.task, table))

    def found(self) -> Mapping[tuple[str, int], Evaluation]:
        """Return the last evaluation of every search; its best is the result of the search."""
        return {search: evaluations[-1] for search, evaluations in self.evaluations.items()}


def _truths(keys: pd.Series, task: str, table: Table | None) -> np.ndarray:
    """Look up the ground truth; an architecture may be missing from the table."""
    truths = np.full(len(keys), math.nan)
    if table is not None and task in table.tasks:
        known = Keys.of(table.keys).places(keys.tolist()) >= 0
        truths[known] = table.lookup(task, keys[known].tolist())
    return truths
