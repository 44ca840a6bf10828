"""Who is next: spaces take turns, and nothing is begun that would not end in time."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zc_bench.execution.local import Job, Outcome, Workers
from zc_bench.execution.queue import JobQueue

LOOK = 0.1  # share of the budget that may go into one trial of every task, for the sake of the estimate


@dataclass(frozen=True)
class Progress:
    """How far a run is, or several.

    Attributes:
        finished: trials with all their scores.
        total: trials altogether.
        computed: trials that were computed since it was last started.
        failed: scores that failed since then.
        seconds: how long it has been going since then.
        left: seconds that are left, estimated from the trials since then; None before the first.
    """

    finished: int
    total: int
    computed: int
    failed: int
    seconds: float = 0.0
    left: float | None = None


def run_trials(
    queues: Sequence[JobQueue], workers: Workers, budget: float = math.inf
) -> Iterator[Progress]:
    """Compute what is left, and say after every trial how far it is.

    Args:
        queues: one per run; the run that has used least time for its number of tasks is next.
        workers: where trials run.
        budget: seconds; no trial is begun that would not end in time by the mean cost of its like, but every run
            computes at least one.

    Yields:
        Progress, at least once; a trial is stored before.
    """
    scheduler = _Scheduler(queues, workers, budget)
    yield scheduler.progress()
    for outcome in workers.observe(scheduler.jobs()):
        scheduler.finish(outcome)
        yield scheduler.progress()


class _Scheduler:
    def __init__(self, queues: Sequence[JobQueue], workers: Workers, budget: float) -> None:
        self._agendas, self._workers, self._budget = queues, workers, budget
        self._start = time.monotonic()
        self._running: dict[Job, JobQueue] = {}

    def jobs(self) -> Iterator[Job]:
        """Yield the next trial whenever one is asked for, until nothing fits any more."""
        active = list(self._agendas)
        while active := [queue for queue in active if queue]:
            queue = min(active, key=lambda queue: (self._used(queue), queue.taken))
            share = queue.weight / sum(other.weight for other in active)
            if queue.taken and not self._fits(queue, share):
                active.remove(queue)
                continue
            job = queue.take()
            self._running[job] = queue
            yield job

    def _used(self, queue: JobQueue) -> float:
        """Return the time that a run has used for each of its tasks, also in trials that are running."""
        running = self._busy(job for job, owner in self._running.items() if owner is queue)
        return (queue.used + running) / queue.weight

    def _busy(self, jobs: Iterator[Job]) -> float:
        """Estimate how long one worker is busy with running trials."""
        return sum(self._running[job].costs.of(job.kind) for job in jobs)

    def _fits(self, queue: JobQueue, share: float) -> bool:
        """Say whether what is due would end in time."""
        due = [queue.costs.of(job.kind) for job in queue.due()]
        # A trial begins at once; in between those of a round_, other runs have their turns.
        pace = 1.0 if len(due) == 1 else share
        busy = self._busy(iter(self._running)) + sum(due) / pace
        return self._elapsed() + max(busy / self._workers.count, *due) <= self._budget

    def _elapsed(self) -> float:
        return time.monotonic() - self._start

    def finish(self, outcome: Outcome) -> None:
        """Store what became of a trial."""
        queue = self._running.pop(outcome.job)
        first = not queue.costs
        queue.finish(outcome)
        if first and queue.weight * queue.used <= LOOK * self._budget * self._workers.count:
            queue.look_ahead()

    def progress(self) -> Progress:
        """Say how far it is."""
        return Progress(
            sum(queue.finished.total() for queue in self._agendas),
            sum(queue.total for queue in self._agendas),
            sum(queue.computed for queue in self._agendas),
            sum(queue.failed for queue in self._agendas),
            self._elapsed(),
            self._left(),
        )

    def _left(self) -> float | None:
        unfinished = [queue for queue in self._agendas if queue]
        if not all(queue.costs for queue in unfinished):
            return None
        busy = self._busy(iter(self._running)) + sum(queue.seconds_left() for queue in unfinished)
        return max(0.0, min(busy / self._workers.count, self._budget - self._elapsed()))
