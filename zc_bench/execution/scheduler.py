"""Which job is next, and when to stop."""

import math
import time
from collections.abc import Iterator, Sequence

from zc_bench._internal.progress import Progress
from zc_bench.execution.job import Executor, Job
from zc_bench.execution.queue import JobQueue


def run_jobs(
    queues: Sequence[JobQueue], executor: Executor, budget: float = math.inf
) -> Iterator[Progress]:
    """Compute what is left of one run or several, and say after every job how far they are.

    Args:
        queues: one per run. Runs take turns: the one that has used least time for its number of
            tasks is next.
        executor: runs the jobs.
        budget: seconds. No round and no job is begun that would not end in time, by the mean cost
            of its kind; but every run computes at least one job.

    Yields:
        Progress: before the first job, and after every job, when its scores are stored.
    """
    start = time.monotonic()
    yield _progress(queues, executor, budget, start)
    for job, result in executor.run(_jobs(queues, executor, start + budget)):
        next(queue for queue in queues if job in queue.running).finish(job, result)
        yield _progress(queues, executor, budget, start)


def _jobs(queues: Sequence[JobQueue], executor: Executor, deadline: float) -> Iterator[Job]:
    """Yield the next job whenever one is asked for, until nothing fits into the time."""
    active = list(queues)
    while active := [queue for queue in active if queue]:
        # A round is finished before another run has its turn: all correlations grow evenly.
        queue = min(active, key=lambda one: (not one.begun, one.used() / one.weight, one.taken))
        costs = queue.next_costs()
        busy = sum(costs) + sum(one.busy() for one in queues)
        seconds = max(busy / executor.count, *costs)
        if queue.taken and time.monotonic() + seconds > deadline:
            active.remove(queue)
        else:
            yield queue.take()


def _progress(
    queues: Sequence[JobQueue], executor: Executor, budget: float, start: float
) -> Progress:
    seconds, left = time.monotonic() - start, None
    costs = [cost for queue in queues if (cost := queue.left()) is not None]
    if len(costs) == len(queues):
        left = sum(costs) / executor.count
    return Progress(
        finished=sum(queue.finished.total() for queue in queues),
        total=sum(queue.total for queue in queues),
        computed=sum(queue.computed for queue in queues),
        failed=sum(queue.failed for queue in queues),
        seconds=seconds,
        left=left,
        allowed=max(0.0, budget - seconds),
    )
