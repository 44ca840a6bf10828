"""What a run would cost here, before it is begun."""

import inspect
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from zc_bench.assembly import AssembledRun, assembled
from zc_bench.benchmark import run
from zc_bench.errors import unknown_name
from zc_bench.execution import Executor, Job
from zc_bench.execution.queue import Costs, Kind, kind_of, needs_gradients
from zc_bench.spec import Spec

_TRIALS = 3  # that are measured of a kind
_PATIENCE = 60.0  # seconds after which no further trial is measured
COLUMNS = ["space", "task", "proxies", "trials", "measured", "seconds", "hours"]


@dataclass(frozen=True, eq=False)
class Estimate:
    """What is left of a run, and what it would cost here.

    Attributes:
        costs: one row per space, task and set of proxies that are computed together: space, task,
            proxies (names, separated by commas), trials (left), measured (trials that were timed;
            where there are none, seconds are those of similar sets), seconds (per trial) and hours
            (of one worker).
        finished: trials that have all their scores.
        total: trials of the whole run.
        workers: how many share the work.
        device: where they compute.
    """

    costs: pd.DataFrame
    finished: int
    total: int
    workers: int
    device: str

    @property
    def seconds(self) -> float:
        """The time to the end, shared by all workers."""
        return float(self.costs["hours"].sum()) * 3600 / self.workers


def estimate(what: str | Path | Spec | Sequence[Spec], **arguments: Any) -> Estimate:
    """Say what a run would cost here: a few trials of every kind are timed, and nothing is kept.

    Stores are copied, and shipped scores are read into the copies.

    Args:
        what: as for `zc_bench.run`.
        **arguments: those of `zc_bench.run`.

    Returns:
        The estimate.

    Raises:
        ZcBenchError: if an argument is unknown, or as `zc_bench.run` does.

    Examples:
        >>> found = estimate("nb201", tasks="cifar10", proxies="snip", samples=20, inputs="noise")
        >>> found.finished, found.total
        (0, 100)
    """
    known = inspect.signature(run)
    if other := next((name for name in arguments if name not in known.parameters), None):
        kind = "argument"
        raise unknown_name(kind, other, known.parameters)
    asked = known.bind(what, **arguments)
    asked.apply_defaults()
    with tempfile.TemporaryDirectory() as folder, assembled(asked.arguments, Path(folder)) as ready:
        rows = [row for place in range(len(ready.runs)) for row in _rows(ready, place)]
        return Estimate(
            pd.DataFrame(rows, columns=COLUMNS),
            sum(queue.finished.total() for queue in ready.queues),
            sum(queue.total for queue in ready.queues),
            ready.executor.count,
            ready.executor.device.type,
        )


def _rows(ready: AssembledRun, place: int) -> Iterator[tuple[Any, ...]]:
    """Yield a row per kind of job of one run."""
    kinds: dict[Kind, list[Job]] = {}
    for job in ready.queues[place].jobs_left():
        kinds.setdefault(kind_of(job), []).append(job)
    costs, measured = _measure(kinds, ready.executor)
    for (task, names), jobs in kinds.items():
        seconds = costs.mean((task, names))
        hours = seconds * len(jobs) / 3600
        count = measured.get((task, names), 0)
        space = ready.runs[place].spec.space
        yield space, task, ", ".join(names), len(jobs), count, seconds, hours


def _measure(
    kinds: Mapping[Kind, Sequence[Job]], executor: Executor
) -> tuple[Costs, dict[Kind, int]]:
    """Time a few jobs of every kind, for a minute at most; but at least one job."""
    costs = Costs({name for _, names in kinds for name in names if needs_gradients(name)})
    measured: dict[Kind, int] = {}
    start = time.monotonic()

    def jobs() -> Iterator[Job]:
        for number in range(_TRIALS):
            for of_kind in kinds.values():
                if number < len(of_kind) and (not measured or time.monotonic() - start < _PATIENCE):
                    yield of_kind[number]

    # The first trial of a process takes longer: it is run once more, and not counted.
    for first in list(kinds.values())[:1]:
        list(executor.run([first[0]]))
    for job, result in executor.run(jobs()):
        if result.seconds is not None:
            costs.add(kind_of(job), result.seconds)
            measured[kind_of(job)] = measured.get(kind_of(job), 0) + 1
    return costs, measured
