"""Who is next: spaces take turns, and nothing is begun that would not end in time."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zc_bench.evaluate.agenda import Agenda
from zc_bench.evaluate.workers import Assignment, Outcome, Workers

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


def run_trials(agendas: Sequence[Agenda], workers: Workers, budget: float = math.inf) -> Iterator[Progress]:
    """Compute what is left, and say after every trial how far it is.

    Args:
        agendas: one per run; the run that has used least time for its number of tasks is next.
        workers: where trials run.
        budget: seconds; no trial is begun that would not end in time by the mean cost of its like, but every run
            computes at least one.

    Yields:
        Progress, at least once; a trial is stored before.
    """
    timetable = _Timetable(agendas, workers, budget)
    yield timetable.progress()
    for outcome in workers.observe(timetable.assignments()):
        timetable.finish(outcome)
        yield timetable.progress()


class _Timetable:
    def __init__(self, agendas: Sequence[Agenda], workers: Workers, budget: float) -> None:
        self._agendas, self._workers, self._budget = agendas, workers, budget
        self._start = time.monotonic()
        self._running: dict[Assignment, Agenda] = {}

    def assignments(self) -> Iterator[Assignment]:
        """Yield the next trial whenever one is asked for, until nothing fits any more."""
        active = list(self._agendas)
        while active := [agenda for agenda in active if agenda]:
            agenda = min(active, key=lambda agenda: (self._used(agenda), agenda.taken))
            share = agenda.weight / sum(other.weight for other in active)
            if agenda.taken and not self._fits(agenda, share):
                active.remove(agenda)
                continue
            assignment = agenda.take()
            self._running[assignment] = agenda
            yield assignment

    def _used(self, agenda: Agenda) -> float:
        """Return the time that a run has used for each of its tasks, also in trials that are running."""
        running = self._busy(assignment for assignment, owner in self._running.items() if owner is agenda)
        return (agenda.used + running) / agenda.weight

    def _busy(self, assignments: Iterator[Assignment]) -> float:
        """Estimate how long one worker is busy with running trials."""
        return sum(self._running[assignment].costs.of(assignment.kind) for assignment in assignments)

    def _fits(self, agenda: Agenda, share: float) -> bool:
        """Say whether what is due would end in time."""
        due = [agenda.costs.of(assignment.kind) for assignment in agenda.due()]
        # A trial begins at once; in between those of a lap, other runs have their turns.
        pace = 1.0 if len(due) == 1 else share
        busy = self._busy(iter(self._running)) + sum(due) / pace
        return self._elapsed() + max(busy / self._workers.count, *due) <= self._budget

    def _elapsed(self) -> float:
        return time.monotonic() - self._start

    def finish(self, outcome: Outcome) -> None:
        """Store what became of a trial."""
        agenda = self._running.pop(outcome.assignment)
        first = not agenda.costs
        agenda.finish(outcome)
        if first and agenda.weight * agenda.used <= LOOK * self._budget * self._workers.count:
            agenda.look_ahead()

    def progress(self) -> Progress:
        """Say how far it is."""
        return Progress(
            sum(agenda.finished.total() for agenda in self._agendas),
            sum(agenda.total for agenda in self._agendas),
            sum(agenda.computed for agenda in self._agendas),
            sum(agenda.failed for agenda in self._agendas),
            self._elapsed(),
            self._left(),
        )

    def _left(self) -> float | None:
        unfinished = [agenda for agenda in self._agendas if agenda]
        if not all(agenda.costs for agenda in unfinished):
            return None
        busy = self._busy(iter(self._running)) + sum(agenda.seconds_left() for agenda in unfinished)
        return max(0.0, min(busy / self._workers.count, self._budget - self._elapsed()))
