"""Where a score is among those that come with the package."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.scores import Score, Status
from zc_bench.execution.shipped import columns_alike
from zc_bench.store import Contents, column_name, read_store, with_derived
from zc_bench.store.sources import shipped_folder


@dataclass(frozen=True)
class Percentile:
    """The place of a score among others.

    Attributes:
        value: per cent of the others that are lower; of equal ones, half count.
        among: how many others there are.
    """

    value: float
    among: int


def percentiles(
    scorer: ArchitectureScorer, task: str, scores: Mapping[str, Score]
) -> dict[str, Percentile]:
    """Compare scores with the shipped ones of their space and task, of all seeds.

    Args:
        scorer: has computed the scores.
        task: the task.
        scores: by proxy.

    Returns:
        By proxy; nothing for those of which none are shipped that depend on the same settings and
        images, or whose score is no number. Where several files have some, the largest counts.
    """
    found: dict[str, Percentile] = {}
    for path in sorted(shipped_folder().glob(f"{scorer.space}*.h5")):
        for name, values in _known(read_store(path), scorer, task, list(scores)).items():
            most = found[name].among if name in found else 0
            if scores[name].status is Status.DONE and len(values) > most:
                found[name] = _place(scores[name].value, values)
    return found


def _known(
    contents: Contents, scorer: ArchitectureScorer, task: str, names: list[str]
) -> dict[str, NDArray[np.float64]]:
    """Gather the values of a task that depend on the same things, by proxy."""
    alike = columns_alike(contents, scorer, (task,))[task]
    trials = {
        key: replace(row, scores={name: row.scores[name] for name in row.scores if name in alike})
        for key, row in contents.trials.items()
        if key.task == task
    }
    bells = scorer.regularisations(names, (task,))
    whole = with_derived(replace(contents, trials=trials), names, bells).trials.values()
    columns = {name: column_name(name, proxy_registry[name].version) for name in names}
    return {
        name: np.array(
            [
                row.scores[column].value
                for row in whole
                if column in row.scores and row.scores[column].status is Status.DONE
            ]
        )
        for name, column in columns.items()
    }


def _place(score: float, others: NDArray[np.float64]) -> Percentile:
    lower, equal = (others < score).sum(), (others == score).sum()
    return Percentile(float(100 * (lower + equal / 2) / len(others)), len(others))
