"""Workers that are processes of their own, on this machine or on many: all of it is `dask.distributed`."""
# mypy: allow-untyped-calls, allow-any-generics
# Dask is typed in parts, and by version.

import logging
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count, islice
from math import nan
from pathlib import Path
from typing import Any, cast

import dask
import torch
from distributed import (
    Client,
    Future,
    KilledWorker,
    LocalCluster,
    Security,
    Worker,
    WorkerPlugin,
    as_completed,
    get_worker,
)

from zc_bench._internal.environment import environment
from zc_bench._internal.memory import keep_freed_memory
from zc_bench._internal.saying import Say
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.execution.local import Job, Outcome, timed
from zc_bench.execution.run import find_device
from zc_bench.registry import imported_files, load_plugins, receive_plugin_file
from zc_bench.store import TrialKey

# A trial names its generators, but torch has one global generator per process.
_one_at_a_time = threading.Lock()
# Seconds. The next of shorter trials waits at the scheduler: asking for it only then costs 20 ms. The next of longer
# ones is not decided on until a worker is free, so that a budget is kept.
SHORT = 2.0


class IgnoreInterrupts(WorkerPlugin):
    """Leaves Ctrl-C, which a terminal sends to all processes of a command, to the one that started the others."""

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - Dask hands it in
        """Ignore the signal; setting up happens in the main thread of the process."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)


class PluginFiles(WorkerPlugin):
    """Brings the files that this process has loaded as plug-ins to every worker, which may be on another machine."""

    def __init__(self) -> None:
        self.files = imported_files()

    def setup(self, worker: Worker) -> None:
        """Load those that the process does not have."""
        for path, source in self.files.items():
            receive_plugin_file(path, source, Path(worker.local_directory) / "zc-bench plug-ins")


class WorkerSetup(WorkerPlugin):
    """Brings a scorer with its images to every worker once, also to those that join later.

    Args:
        scorer: the scorer.
        threads: torch's threads; None leaves them as they are.
    """

    def __init__(self, scorer: ArchitectureScorer, threads: int | None) -> None:
        self.scorer, self.threads = scorer, threads

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - Dask hands it in
        """Prepare a process for its trials."""
        load_plugins()
        keep_freed_memory()


def _observe(worker_setup: str, key: TrialKey, names: tuple[str, ...]) -> tuple[JobResult, float]:
    """Observe a trial, on the worker."""
    brought = cast(WorkerSetup, get_worker().plugins[worker_setup])
    with _one_at_a_time:
        _set_threads(brought.threads)
        return timed(brought.scorer, key, names)


def _look_around(device: str, threads: int | None) -> tuple[torch.device, dict[str, Any]]:
    """Find the device and describe the environment, on the worker."""
    _set_threads(threads)
    found = find_device(device)
    return found, environment(found)


def _set_threads(count: int | None) -> None:
    # In the thread that runs the trial: OpenMP keeps the number by thread.
    if count is not None:
        torch.set_num_threads(count)


class DaskExecutor:
    """Workers behind a scheduler of Dask.

    Args:
        client: connected to the scheduler.
        device: "auto", or a torch device, as the workers see it.
        threads: torch's threads per worker; None leaves them as they are.
    """

    def __init__(self, client: Client, device: str, threads: int | None) -> None:
        self._client, self._threads = client, threads
        self._plugins = f"zc-bench plug-ins of {client.id}"
        # Before all else that is brought: it may hold what plug-ins define.
        client.register_plugin(PluginFiles(), name=self._plugins)
        self._equipment: dict[int, str] = {}
        self._numbers = count()
        gpus = any(
            facts["resources"].get("GPU")
            for facts in client.scheduler_info(n_workers=-1)["workers"].values()
        )
        # Where some workers declare their GPUs, trials for a GPU go to those.
        self._resources = {"GPU": 1} if gpus and device != "cpu" else None
        looked = client.submit(_look_around, device, threads, resources=self._resources, pure=False)
        self.device, self._environment = looked.result()

    @property
    def count(self) -> int:
        """How many trials run at once: one per worker, as many as there are at the moment."""
        return max(1, len(self._client.nthreads()))

    def environment(self) -> Mapping[str, Any]:
        """Describe versions and hardware of one worker."""
        facts: dict[str, Any] = self._environment
        return facts

    def observe(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Observe trials, yielding each as it is finished."""
        waiting = iter(jobs)
        running: dict[Future, Job] = {}
        finished = as_completed()

        def hand_out(ahead: int) -> None:
            for job in islice(waiting, max(0, self.count + ahead - len(running))):
                future = self._submit(job)
                running[future] = job
                finished.add(future)

        hand_out(0)
        for future in finished:
            outcome = _outcome(running.pop(future), future)
            # Else Dask would compute it once more if its worker died while nobody asks for the next one.
            future.release()
            yield outcome
            short = outcome.seconds is not None and outcome.seconds < SHORT
            hand_out(self.count if short else 0)

    def _submit(self, job: Job) -> Future:
        worker_setup = self._bring(job.scorer)
        # The scheduler keeps tasks waiting only if it takes them for one large group: the first part of their keys.
        name = (f"trial of {self._client.id}", next(self._numbers))
        return self._client.submit(
            _observe,
            worker_setup,
            job.key,
            job.names,
            key=name,
            resources=self._resources,
            pure=False,
        )

    def _bring(self, scorer: ArchitectureScorer) -> str:
        """Bring a scorer to the workers, once; return under which name."""
        if id(scorer) not in self._equipment:
            name = f"zc-bench scorer {len(self._equipment)} of {self._client.id}"
            self._client.register_plugin(WorkerSetup(scorer, self._threads), name=name)
            self._equipment[id(scorer)] = name
        return self._equipment[id(scorer)]

    def close(self) -> None:
        """Take back what was brought."""
        for name in (self._plugins, *self._equipment.values()):
            self._client.unregister_worker_plugin(name)


def _outcome(job: Job, future: Future) -> Outcome:
    try:
        return Outcome(job, *future.result())
    except KilledWorker as error:
        deaths = f"the worker died, {error.allowed_failures + 1} times in a row"
        reason = f"{deaths}: if the system killed it for want of memory, take fewer workers or a smaller batch"
        scores = {name: Score(nan, Status.FAILED, reason, 0.0) for name in job.names}
        return Outcome(job, JobResult(scores, {}), None)
    except Exception as error:
        if not future.cancelled():
            raise
        message = "The scheduler was lost: start it again, and run the same command to go on. Finished trials are kept."
        raise ZcBenchError(message) from error


def _certificate() -> Security | None:
    """Make a certificate for one run, which no other user of the machine has; None without `cryptography`."""
    return Security.temporary() if find_spec("cryptography") else None


@contextmanager
def local_cluster(processes: int, device: str, threads: int | None) -> Iterator[DaskExecutor]:
    """Start processes on this machine.

    Args:
        processes: how many.
        device: "auto", or a torch device.
        threads: torch's threads per process; None divides the processors.

    Yields:
        The workers; they are gone when the block ends.
    """
    # Processes are started with `python -c`, which otherwise runs a signal.py of the current folder.
    os.environ["PYTHONSAFEPATH"] = "1"
    threads = threads or max(1, (os.cpu_count() or 1) // processes)
    settings = {
        "distributed.scheduler.allowed-failures": 1,
        # A trial waits at the scheduler, not behind another that may kill the worker and cast suspicion on it.
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.nanny.pre-spawn-environ.OMP_NUM_THREADS": threads,
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=processes,
            threads_per_worker=1,
            # Dask pauses a worker that keeps much memory, and ours keep it on purpose.
            memory_limit=0,
            # Any free port, since another cluster may run here. Not on the network: a dashboard asks for no password.
            dashboard_address="127.0.0.1:0",
            security=_certificate(),
            silence_logs=logging.CRITICAL,
        ) as local,
        Client(local) as client,
    ):
        client.register_plugin(IgnoreInterrupts(), name="zc-bench deaf")
        yield DaskExecutor(client, device, threads)


@contextmanager
def connected(scheduler: str, device: str, threads: int | None, say: Say) -> Iterator[DaskExecutor]:
    """Connect to a scheduler that is there.

    Args:
        scheduler: its address ("tcp://host:8786"), or the file that it wrote.
        device: "auto", or a torch device, as the workers see it.
        threads: torch's threads per worker; None leaves them as they are.
        say: told what is being waited for.

    Yields:
        The workers; they stay when the block ends.

    Raises:
        ZcBenchError: if there is no scheduler.
    """
    where = {"address": scheduler} if "://" in scheduler else {"scheduler_file": scheduler}
    if "scheduler_file" in where and not Path(scheduler).exists():
        message = f"There is no scheduler file {scheduler}: start `dask scheduler --scheduler-file {scheduler}` first."
        raise ZcBenchError(message)
    try:
        client = Client(**where, timeout="10s")
    except (OSError, ValueError, TypeError) as error:
        # A TypeError: the address begins with tls:// and there is no certificate.
        message = f"No scheduler answers at {scheduler} ({error}): start one with `dask scheduler`, or correct it."
        raise ZcBenchError(message) from error
    with client:
        say(f"Scheduler: {scheduler}, {len(client.nthreads())} workers.")
        if not client.nthreads():
            say("Waiting for a first worker ...")
            client.wait_for_workers(1)
        cluster = DaskExecutor(client, device, threads)
        try:
            yield cluster
        finally:
            cluster.close()
