"""Run jobs in this process, or open what runs them in others."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch

from zc_bench._internal.environment import environment
from zc_bench.engine.execute import JobResult
from zc_bench.errors import ZcBenchError
from zc_bench.execution.job import ExecutionOptions, Executor, Job
from zc_bench.execution.resolve import find_device


@dataclass(frozen=True)
class LocalExecutor:
    """Runs jobs in this process, one after the other."""

    device: torch.device
    count: int = 1

    def environment(self) -> Mapping[str, Any]:
        """Return versions and hardware of this process."""
        return environment(self.device)

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, JobResult]]:
        """Run jobs, and yield each with its result when it is finished."""
        for job in jobs:
            yield job, job.run()


@contextmanager
def open_executor(options: ExecutionOptions) -> Iterator[Executor]:
    """Open what runs jobs: this process, processes of this machine, or the workers of a scheduler.

    Args:
        options: which of them, on which device, with how many threads.

    Yields:
        The executor. Local processes end with the block; the workers of a scheduler stay.

    Raises:
        ZcBenchError: if the package distributed is missing, or there is no such device or
            scheduler.

    Examples:
        >>> with open_executor(ExecutionOptions(device="cpu")) as executor:
        ...     executor.count
        1
    """
    if options.workers == 1 and options.scheduler is None:
        before = torch.get_num_threads()
        torch.set_num_threads(options.threads or before)
        try:
            yield LocalExecutor(find_device(options.device))
        finally:
            torch.set_num_threads(before)
        return
    if find_spec("distributed") is None:
        install = "`pip install 'zc-bench[dask]'`, or leave out --workers"
        message = f"Workers need the package distributed: {install}."
        raise ZcBenchError(message)
    # An optional package, which takes half a second to import.
    from zc_bench.execution import dask

    opened = dask.local_cluster if options.scheduler is None else dask.connected
    with opened(options) as executor:
        yield executor
