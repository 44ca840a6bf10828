"""Run jobs in other processes, on this machine or on many, by `dask.distributed`."""
# mypy: allow-untyped-calls, allow-any-generics
# Dask is typed in parts, and by version.

import logging
import math
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count, islice
from pathlib import Path
from typing import Any, cast

import dask
import distributed
import torch
from distributed.protocol import pickle

from zc_bench._internal.environment import environment
from zc_bench._internal.memory import keep_freed_memory
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.execution.job import ExecutionOptions, Job
from zc_bench.execution.resolve import find_device
from zc_bench.registry import imported_files, load_plugins, receive_plugin_file
from zc_bench.store import TrialKey

_log = logging.getLogger(__name__)

# Seconds. The next of shorter jobs waits at the scheduler: a free worker would idle for 20 ms.
# Longer jobs are taken when a worker is free, for the sake of the budget.
SHORT = 2.0
# A trial names its generators, but torch has one global generator per process.
_one_at_a_time = threading.Lock()


class IgnoreInterrupts(distributed.WorkerPlugin):
    """Leaves Ctrl-C and SIGTERM to the process that started the workers.

    A terminal sends Ctrl-C to all its processes, and a cluster sends SIGTERM to all of a job.
    """

    def setup(self, worker: distributed.Worker) -> None:  # noqa: ARG002 - Dask passes it
        """Ignore the signals."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


class WorkerSetup(distributed.WorkerPlugin):
    """Sends a scorer with its images to every worker once, also to those that join later.

    Args:
        scorer: the scorer.
        threads: torch's threads; None leaves them as they are.
    """

    scorer: ArchitectureScorer

    def __init__(self, scorer: ArchitectureScorer, threads: int | None) -> None:
        # A worker can only read the scorer when it has the plug-ins that define parts of it.
        self._files, self._pickled = imported_files(), pickle.dumps(scorer)
        self.threads = threads

    def setup(self, worker: distributed.Worker) -> None:
        """Load plug-ins, those of this machine and those that are sent, and the scorer."""
        load_plugins()
        keep_freed_memory()
        for path, source in self._files.items():
            receive_plugin_file(path, source, Path(worker.local_directory) / "zc-bench plug-ins")
        self.scorer, self._pickled = pickle.loads(self._pickled), b""


def _run_job(setup: str, key: TrialKey, names: tuple[str, ...]) -> JobResult:
    """Run a job, on the worker."""
    known = cast(WorkerSetup, distributed.get_worker().plugins[setup])
    with _one_at_a_time:
        _set_threads(known.threads)
        return Job(known.scorer, key, names).run()


def _describe(device: str, threads: int | None) -> tuple[torch.device, dict[str, Any]]:
    """Return device and environment, on the worker."""
    _set_threads(threads)
    found = find_device(device)
    return found, environment(found)


def _set_threads(threads: int | None) -> None:
    # In the thread that runs the job: OpenMP keeps the number by thread.
    if threads is not None:
        torch.set_num_threads(threads)


class DaskExecutor:
    """Runs jobs on the workers of a Dask scheduler.

    Args:
        client: connected to the scheduler.
        device: "auto", or a torch device, as the workers name it.
        threads: torch's threads per worker; None leaves them as they are.
    """

    def __init__(self, client: distributed.Client, device: str, threads: int | None) -> None:
        self._client, self._threads = client, threads
        self._numbers = count()
        self._setups: dict[int, str] = {}
        workers = client.scheduler_info(n_workers=-1)["workers"].values()
        gpus = any(worker["resources"].get("GPU") for worker in workers)
        # Where some workers declare their GPUs, jobs for a GPU go to those.
        self._resources = {"GPU": 1} if gpus and device != "cpu" else None
        future = client.submit(_describe, device, threads, resources=self._resources, pure=False)
        self.device, self._environment = future.result()

    @property
    def count(self) -> int:
        """The number of workers at the moment, at least one."""
        return max(1, len(self._client.nthreads()))

    def environment(self) -> Mapping[str, Any]:
        """Return versions and hardware of one worker."""
        facts: dict[str, Any] = self._environment
        return facts

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, JobResult]]:
        """Run jobs, and yield each with its result when it is finished."""
        waiting, finished = iter(jobs), distributed.as_completed()
        running: dict[distributed.Future, Job] = {}

        def submit(most: int) -> None:
            for job in islice(waiting, max(0, most - len(running))):
                future = self._submit(job)
                running[future] = job
                finished.add(future)

        submit(self.count)
        for future in finished:
            job = running.pop(future)
            result = _result(job, future)
            # Otherwise Dask runs the job again if its worker dies before the next job is taken.
            future.release()
            yield job, result
            short = result.seconds is not None and result.seconds < SHORT
            submit(2 * self.count if short else self.count)

    def _submit(self, job: Job) -> distributed.Future:
        # Jobs wait at the scheduler only as one group: the first part of their keys.
        key = (f"jobs of {self._client.id}", next(self._numbers))
        call = (_run_job, self._setup(job.scorer), job.key, job.names)
        return self._client.submit(*call, key=key, resources=self._resources, pure=False)

    def _setup(self, scorer: ArchitectureScorer) -> str:
        """Send a scorer to the workers once; return the name of the plug-in that holds it."""
        if id(scorer) not in self._setups:
            name = f"zc-bench scorer {len(self._setups)} of {self._client.id}"
            self._client.register_plugin(WorkerSetup(scorer, self._threads), name=name)
            self._setups[id(scorer)] = name
        return self._setups[id(scorer)]

    def close(self) -> None:
        """Remove from the workers what was sent."""
        for name in self._setups.values():
            self._client.unregister_worker_plugin(name)


def _result(job: Job, future: distributed.Future) -> JobResult:
    try:
        return cast(JobResult, future.result())
    except distributed.KilledWorker as error:
        reason = (
            f"the worker died, {error.allowed_failures + 1} times in a row: if the system killed "
            "it for want of memory, take fewer workers or a smaller batch"
        )
        return JobResult(dict.fromkeys(job.names, Score(math.nan, Status.FAILED, reason, 0.0)), {})
    except Exception as error:
        if not future.cancelled():
            raise
        message = (
            "The scheduler was lost: start it again, and run the same command to go on. "
            "Finished trials are kept."
        )
        raise ZcBenchError(message) from error


@contextmanager
def local_cluster(options: ExecutionOptions) -> Iterator[DaskExecutor]:
    """Start workers on this machine; they end with the block.

    Args:
        options: the number of workers, their device and threads.

    Yields:
        The executor.
    """
    threads = options.threads or max(1, (os.cpu_count() or 1) // options.workers)
    settings = {
        "distributed.scheduler.allowed-failures": 1,
        # Jobs wait at the scheduler. On a worker that dies they would count as its cause, too.
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.nanny.pre-spawn-environ.OMP_NUM_THREADS": threads,
    }
    with (
        dask.config.set(settings),
        _worker_environment(),
        distributed.LocalCluster(
            n_workers=options.workers,
            threads_per_worker=1,
            # Dask pauses workers that keep much memory; ours keep it for the next job.
            memory_limit=0,
            # Other machines cannot connect. Port 0 is any free one.
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            # Nor can other users of this machine: they lack the certificate of the run.
            security=distributed.Security.temporary() if find_spec("cryptography") else None,
            silence_logs=logging.CRITICAL,
        ) as local,
        distributed.Client(local) as client,
    ):
        client.register_plugin(IgnoreInterrupts(), name="zc-bench interrupts")
        yield DaskExecutor(client, options.device, threads)


@contextmanager
def _worker_environment() -> Iterator[None]:
    """Set the environment that workers inherit; then undo this, and what Dask has set for them."""
    before = dict(os.environ)
    # `python -c`, which starts workers, then imports nothing from the current folder.
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def connected(options: ExecutionOptions) -> Iterator[DaskExecutor]:
    """Connect to a scheduler; its workers stay when the block ends.

    Args:
        options: the scheduler, the device and threads of its workers.

    Yields:
        The executor.

    Raises:
        ZcBenchError: if there is no scheduler.
    """
    scheduler = str(options.scheduler)
    is_file = "://" not in scheduler
    if is_file and not Path(scheduler).exists():
        start = f"dask scheduler --scheduler-file {scheduler}"
        message = f"There is no scheduler file {scheduler}: start `{start}` first."
        raise ZcBenchError(message)
    try:
        where = {"scheduler_file" if is_file else "address": scheduler}
        client = distributed.Client(**where, timeout="10s")
    except (OSError, TypeError, ValueError) as error:
        # A TypeError: the address begins with tls:// and there is no certificate.
        advice = "start one with `dask scheduler`, or correct it"
        message = f"No scheduler answers at {scheduler} ({error}): {advice}."
        raise ZcBenchError(message) from error
    with client:
        _log.info("Scheduler: %s, %d workers.", scheduler, len(client.nthreads()))
        if not client.nthreads():
            _log.info("Waiting for a first worker ...")
            client.wait_for_workers(1)
        executor = DaskExecutor(client, options.device, options.threads)
        try:
            yield executor
        finally:
            executor.close()
