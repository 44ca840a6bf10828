"""How many trials run per second, by whom, and what a trial costs besides itself.

Three tables. First: the same trials of NAS-Bench-201 in this process and in one and two processes
of Dask, with one thread each, block by block in turn, so that a machine whose speed drifts does so
for all alike; starting up is not counted. Second: what the store adds to a trial, and what Dask
does, measured with trials that sleep. Third: a run of a million trials that take no time, from its
queue to its file. Run it with nothing else going on:

    python benchmarks/speed/scale.py                                        # minutes
    python benchmarks/speed/scale.py --trials 4 --block 2 --idle-trials 20 --dummy-trials 10000    #
    seconds
"""

import argparse
import os
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

import numpy as np
import torch

from zc_bench._internal.memory import keep_freed_memory
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.execution import (
    ExecutionOptions,
    Executor,
    Job,
    JobQueue,
    ResolvedRun,
    open_executor,
    run_jobs,
)
from zc_bench.execution.dask import local_cluster
from zc_bench.images import find_images
from zc_bench.proxies.groups import default_proxies
from zc_bench.seeding import numpy_generator
from zc_bench.spaces import space_registry
from zc_bench.spec import Protocol, Spec
from zc_bench.store import Store, TrialKey, column_name
from zc_bench.tables import Keys, Table
from zc_bench.tasks import task_registry

HERE, ONE, TWO = "this process", "Dask, 1 process", "Dask, 2 processes"
SEEDS = 10
TENTHS = 10


class IdleScorer:
    """Scores by lot: a file of such scores packs worse than one of real scores.

    Args:
        seconds: how long it sleeps over every trial.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def score(self, key: TrialKey, names: Sequence[str]) -> JobResult:  # noqa: ARG002 - any trial will do
        """Sleep, and make up scores and times."""
        if self._seconds:  # even a sleep of no time takes longer than all the rest
            time.sleep(self._seconds)
        scores = {name: Score(random.random(), Status.DONE, "", random.random()) for name in names}
        return JobResult(scores, {"build": random.random(), "forward": random.random()})


def idle_scorer(seconds: float) -> ArchitectureScorer:
    """Make an idle scorer that passes for a real one."""
    return cast("ArchitectureScorer", IdleScorer(seconds))


@contextmanager
def executors() -> Iterator[Mapping[str, Executor]]:
    """Open the executors that are compared, one thread per process."""
    with ExitStack() as stack:
        yield {
            HERE: stack.enter_context(open_executor(ExecutionOptions("cpu", 1, 1))),
            ONE: stack.enter_context(local_cluster(ExecutionOptions("cpu", 1, 1))),
            TWO: stack.enter_context(local_cluster(ExecutionOptions("cpu", 2, 1))),
        }


def timed(
    executor: Executor, scorer: ArchitectureScorer, keys: Sequence[TrialKey], names: Sequence[str]
) -> tuple[float, float]:
    """Return how many seconds some trials took, and for how many of them workers were busy."""
    start = time.perf_counter()
    finished = list(executor.run(Job(scorer, key, tuple(names)) for key in keys))
    return time.perf_counter() - start, sum(result.seconds or 0.0 for _, result in finished)


def real_trials(opened: Mapping[str, Executor], arguments: argparse.Namespace) -> JobResult:
    """Print the rates of real trials; return what one of them gave."""
    task, space, generator = (
        task_registry["cifar10"],
        space_registry["nb201"],
        numpy_generator(0, "scale"),
    )
    scorer = ArchitectureScorer(
        "nb201", Protocol(arguments.batch_size), {task.name: find_images(task)}, torch.device("cpu")
    )
    keys = [TrialKey(task.name, space.sample(generator).key, 0) for _ in range(arguments.trials)]
    for executor in opened.values():
        # Compiles the kernels; twice as many as needed, so that no process goes without.
        timed(executor, scorer, keys[: 2 * executor.count], arguments.proxies)
    walls: defaultdict[str, float] = defaultdict(float)
    busy: defaultdict[str, float] = defaultdict(float)
    for number, start in enumerate(range(0, len(keys), arguments.block)):
        # There and back: who is timed first in one block is last in the next.
        for name in list(opened)[:: -1 if number % 2 else 1]:
            wall, seconds = timed(
                opened[name], scorer, keys[start : start + arguments.block], arguments.proxies
            )
            walls[name] += wall
            busy[name] += seconds
    print(
        f"{len(keys)} trials of NAS-Bench-201, {len(arguments.proxies)} proxies, N = {arguments.batch_size}, 1 thread"
    )
    print(f"{'':20}{'trials/s':>10}{'s/trial':>10}{'busy':>8}{'efficiency':>12}")
    for name, executor in opened.items():
        share, efficiency = (
            busy[name] / executor.count / walls[name],
            walls[HERE] / executor.count / walls[name],
        )
        print(
            f"{name:20}{len(keys) / walls[name]:10.3f}{busy[name] / len(keys):10.3f}{share:8.3f}{efficiency:12.3f}"
        )
    print("s/trial: while a worker is busy with it; busy: the share of its time that a worker is")
    print(
        "efficiency: trials/s, in multiples of this process and of the number of processes; the end of a block,"
    )
    print(
        f"where one process waits for the other, is part of it: larger blocks than {arguments.block} have fewer ends"
    )
    return scorer.score(keys[0], arguments.proxies)


def overheads(
    opened: Mapping[str, Executor], result: JobResult, arguments: argparse.Namespace
) -> None:
    """Print what the store and Dask add to a trial, in milliseconds."""
    names = list(result.scores)
    keys = [TrialKey("cifar10", name, 0) for name in made_up(arguments.idle_trials)]
    columns = {name: column_name(name, proxy_registry[name].version) for name in names}
    print(f"\n{len(keys)} trials of {len(names)} proxies; ms per trial")
    with tempfile.TemporaryDirectory() as folder:
        store, start = (
            Store(Path(folder, "scores.h5"), {column: {} for column in columns.values()}, {}),
            time.perf_counter(),
        )
        for key in keys:
            store.append(key, result, columns)
        show("store: append", (time.perf_counter() - start) / len(keys))
        start = time.perf_counter()
        store.close()
        show("store: fold when it is closed", (time.perf_counter() - start) / len(keys))
    # Asleep, not empty: Dask collects messages for up to 10 ms, and trials that follow faster would
    # wait for that.
    scorer = idle_scorer(0.05)
    for name, executor in opened.items():
        timed(executor, scorer, keys[: 2 * executor.count], names)
        wall, busy = timed(executor, scorer, keys, names)
        idle = (wall * executor.count - busy) / len(keys)
        show(f"{name}: a worker's time between trials", idle)


def show(what: str, seconds: float) -> None:
    """Print a line of milliseconds."""
    print(f"{what:52}{1e3 * seconds:10.3f}", flush=True)


def made_up(count: int) -> list[str]:
    """Make up architectures, in ascending order."""
    return [str(tuple(map(int, f"{number:07}"))) for number in range(count)]


def simulate(arguments: argparse.Namespace) -> None:
    """Print how fast a run of made-up trials goes, tenth by tenth, and what it takes."""
    samples = arguments.dummy_trials // SEEDS
    table = Table(
        "nb201",
        Keys.of(made_up(samples)),
        {"cifar10": np.linspace(0, 95, samples)},
        {"file": "made up"},
    )
    run = ResolvedRun(
        Spec("nb201", ("cifar10",), tuple(arguments.dummy_proxies), samples, SEEDS),
        table,
        idle_scorer(0),
    )
    count = samples * SEEDS
    workers = f"{arguments.dummy_workers} worker{'s' if arguments.dummy_workers > 1 else ''}"
    print(f"\na run of {count:,} made-up trials, {len(arguments.dummy_proxies)} proxies, {workers}")
    with (
        tempfile.TemporaryDirectory() as folder,
        open_executor(ExecutionOptions("cpu", arguments.dummy_workers, 1)) as executor,
    ):
        path = Path(folder, "scores.h5")
        columns: dict[str, dict[str, dict[str, object]]] = {
            column_name(name, proxy_registry[name].version): {} for name in arguments.dummy_proxies
        }
        step = Step("import")
        with Store(path, columns, {}) as store:
            queue = JobQueue(run, store)
            step.done("draw and plan")
            for progress in run_jobs([queue], executor):
                if progress.computed and progress.computed % max(1, count // TENTHS) == 0:
                    step.done(f"to trial {progress.computed:,}", count // TENTHS)
            journal = path.with_name(f"{path.name}.journal").stat().st_size
        step.done("fold into the file")
        size = path.stat().st_size
        with Store(path, columns, {}) as store:
            queue = JobQueue(run, store)
            left = queue.total - queue.finished.total()
        step.done(f"open it again: {left} left")
    print(
        f"journal {journal / 1e6:.1f} MB, file {size / 1e6:.1f} MB: {size / count:.1f} bytes per trial"
    )


class Step:
    """Prints what was done since it was last asked, and the memory of this process now.

    Args:
        what: what was done before.
    """

    def __init__(self, what: str) -> None:
        print(f"{'':32}{'s':>10}{'trials/s':>12}{'MB':>10}")
        print(f"{what:32}{'':22}{resident_megabytes():10.0f}")
        self._start = time.perf_counter()

    def done(self, what: str, trials: int = 0) -> None:
        """Print a line."""
        seconds = time.perf_counter() - self._start
        rate = f"{trials / seconds:,.0f}" if trials else ""
        print(f"{what:32}{seconds:10.2f}{rate:>12}{resident_megabytes():10.0f}", flush=True)
        self._start = time.perf_counter()


def resident_megabytes() -> float:
    """Return how much memory this process has now (Linux only)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=60, help="of NAS-Bench-201")
    parser.add_argument(
        "--block",
        type=int,
        default=20,
        help="trials that an executor gets before the next one's turn",
    )
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--proxies", nargs="+", default=list(default_proxies()))
    parser.add_argument("--idle-trials", type=int, default=200, help="that sleep for 50 ms")
    parser.add_argument(
        "--dummy-trials", type=int, default=10**6, help=f"of the long run, in {SEEDS} seeds"
    )
    parser.add_argument("--dummy-proxies", nargs="+", default=["swap"])
    parser.add_argument(
        "--dummy-workers", type=int, default=1, help="with two, the long run goes through Dask"
    )
    arguments = parser.parse_args()
    keep_freed_memory()
    with executors() as opened:
        overheads(opened, real_trials(opened, arguments), arguments)
    simulate(arguments)


if __name__ == "__main__":
    main()
