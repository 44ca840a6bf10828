"""Where trials run: whoever can observe one job after the other is a crew of workers."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from zc_bench._internal.environment import environment
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.execute import JobResult
from zc_bench.store import TrialKey

Kind = tuple[str, tuple[str, ...]]  # trials with the same task and proxies cost alike


@dataclass(frozen=True, eq=False)
class Job:
    """A trial that is to be result.

    Attributes:
        scorer: where.
        key: which.
        names: the proxies that are asked for.
    """

    scorer: ArchitectureScorer
    key: TrialKey
    names: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        """What it costs as much as."""
        return self.key.task, self.names


@dataclass(frozen=True)
class Outcome:
    """What became of an job.

    Attributes:
        job: the job.
        result: its scores.
        seconds: how long the worker was busy with it; None if the worker died.
    """

    job: Job
    result: JobResult
    seconds: float | None


class Workers(Protocol):
    """A crew that observes trials.

    Attributes:
        device: where networks run.
        count: how many trials run at once.
    """

    @property
    def device(self) -> torch.device: ...  # noqa: D102 - described above

    @property
    def count(self) -> int: ...  # noqa: D102 - described above

    def environment(self) -> Mapping[str, Any]:
        """Describe versions and hardware of a worker."""

    def observe(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Observe trials, yielding each as it is finished.

        An job is asked for when a worker is free for it, never ahead: who hands them out may decide by what has
        been finished until then.
        """


@dataclass(frozen=True)
class LocalExecutor:
    """This process, one trial after the other."""

    device: torch.device
    count: int = 1

    def environment(self) -> Mapping[str, Any]:
        """Describe versions and hardware of this process."""
        return environment(self.device)

    def observe(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Observe trials, yielding each as it is finished."""
        for job in jobs:
            yield Outcome(job, *timed(job.scorer, job.key, job.names))


def timed(
    scorer: ArchitectureScorer, key: TrialKey, names: tuple[str, ...]
) -> tuple[JobResult, float]:
    """Observe a trial, and say how many seconds it took."""
    start = time.perf_counter()
    result = scorer.score(key, names)
    return result, time.perf_counter() - start
