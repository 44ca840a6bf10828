"""Jobs, and what an executor offers to whoever hands them out."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.execute import JobResult
from zc_bench.errors import expect_whole
from zc_bench.store import TrialKey


@dataclass(frozen=True, eq=False)
class Job:
    """Scores of one trial that are to be computed.

    Attributes:
        scorer: computes them.
        key: the trial.
        names: the proxies.
    """

    scorer: ArchitectureScorer
    key: TrialKey
    names: tuple[str, ...]

    def run(self) -> JobResult:
        """Compute the scores in this process; the result says how many seconds that took."""
        start = time.perf_counter()
        result = self.scorer.score(self.key, self.names)
        return replace(result, seconds=time.perf_counter() - start)


class Executor(Protocol):
    """Runs jobs.

    Attributes:
        device: where networks run.
        count: the number of workers; each runs one job at a time.
    """

    @property
    def device(self) -> torch.device: ...  # noqa: D102 - described above

    @property
    def count(self) -> int: ...  # noqa: D102 - described above

    def environment(self) -> Mapping[str, Any]:
        """Return versions and hardware of a worker."""

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, JobResult]]:
        """Run jobs, and yield each with its result when it is finished.

        Args:
            jobs: taken one at a time, when a worker is free. So the choice of the next job may
                depend on the results until then.
        """


@dataclass(frozen=True)
class ExecutionOptions:
    """Where jobs run. No score depends on it, except for the last digits on device and threads.

    Attributes:
        device: "auto", or a torch device, as the workers name it.
        workers: processes on this machine; 1 is this process. A scheduler has its own workers.
        threads: torch's threads per worker. None divides the processors of this machine among
            several local processes, and changes nothing otherwise.
        scheduler: the address of a Dask scheduler, or the file that it wrote.

    Raises:
        ZcBenchError: if a number is below 1 or above 1024.

    Examples:
        >>> ExecutionOptions(workers=2, threads=1).device
        'auto'
    """

    device: str = "auto"
    workers: int = 1
    threads: int | None = None
    scheduler: str | None = None

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        expect_whole("workers", self.workers, most=1024)
        if self.threads is not None:
            expect_whole("threads", self.threads, most=1024)
