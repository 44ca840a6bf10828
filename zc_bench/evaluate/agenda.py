"""What is left of a run: its trials in their order, what they cost, and how far it is."""

from collections import Counter, deque
from collections.abc import Sequence
from itertools import chain

from zc_bench.evaluate.costs import Costs
from zc_bench.evaluate.run import Run
from zc_bench.evaluate.stages import split
from zc_bench.evaluate.trials import leading_trials, trial_laps
from zc_bench.evaluate.workers import Assignment, Kind, Outcome
from zc_bench.observe import Status, proxies
from zc_bench.store import Store, TrialKey, column_name


class Agenda:
    """What is left of a run.

    Args:
        run: the run.
        store: what is in it is not computed again.
        warming: how many trials come first that take longer.

    Attributes:
        weight: the share of time that the run deserves beside others: its number of tasks.
        total: trials of the whole run.
        finished: by task and seed, trials with all their scores.
        taken: trials that were taken from it.
        computed: trials that were computed to the end.
        failed: scores that failed.
        used: seconds that workers were busy with it.
        costs: what its trials cost.
        left: trials that are left, by kind.
        begun: whether a part of the next lap was taken.
    """

    def __init__(self, run: Run, store: Store, warming: int = 1) -> None:
        store.record_drawn(run.drawn)
        self._store = store
        self._columns = {name: column_name(name, proxies[name].version) for name in run.spec.proxies}
        self.weight = len(run.spec.tasks)
        self.total = sum(map(len, run.drawn.values()))
        self.finished = Counter({cell: len(keys) for cell, keys in run.drawn.items()})
        self.taken = self.computed = self.failed = 0
        self.used = 0.0
        self.costs = Costs(warming)
        self.left: Counter[Kind] = Counter()
        self.begun = False
        self._laps: deque[deque[Assignment]] = deque()
        self._halves: dict[TrialKey, tuple[str, ...]] = {}
        for key in leading_trials(run.drawn):
            quick, costly = split(store.missing(key, self._columns))
            if quick and costly:
                self._halves[key] = costly
                self._add([Assignment(run.lab, key, quick)])
        for keys in trial_laps(run.drawn):
            lacking = ((key, self._halves.get(key) or tuple(store.missing(key, self._columns))) for key in keys)
            lap = [Assignment(run.lab, key, names) for key, names in lacking if names]
            self._add(lap)
            self.finished.subtract((assignment.key.task, assignment.key.seed) for assignment in lap)

    def _add(self, lap: Sequence[Assignment]) -> None:
        if lap:
            self._laps.append(deque(lap))
        self.left.update(assignment.kind for assignment in lap)

    def __bool__(self) -> bool:
        """Say whether something is left."""
        return bool(self._laps)

    def due(self) -> list[Assignment]:
        """Return what should fit into the time that is left: the next lap, or of one that is begun the next trial."""
        return [self._laps[0][0]] if self.begun else list(self._laps[0])

    def take(self) -> Assignment:
        """Take the next trial."""
        lap = self._laps[0]
        assignment = lap.popleft()
        self.begun = bool(lap)
        if not lap:
            self._laps.popleft()
        self.left[assignment.kind] -= 1
        self.taken += 1
        return assignment

    def look_ahead(self) -> None:
        """Let one trial of every kind that is not known yet go first, but no costly proxies before the quick ones."""
        first: dict[Kind, Assignment] = {}
        stage = next(chain.from_iterable(self._laps)).names if self._laps else ()
        for assignment in chain.from_iterable(self._laps):
            if assignment.names == stage:
                first.setdefault(assignment.kind, assignment)
        chosen = [assignment for kind, assignment in first.items() if kind not in self.costs]
        rest = (deque(item for item in lap if item not in chosen) for lap in self._laps)
        self._laps = deque([*(deque([item]) for item in chosen), *filter(None, rest)])

    def finish(self, outcome: Outcome) -> None:
        """Store what became of a trial, and learn from it."""
        key, observed = outcome.assignment.key, outcome.observed
        self._store.append(key, observed, self._columns)
        if outcome.seconds is not None:
            self.costs.add(outcome.assignment.kind, outcome.seconds)
            self.used += outcome.seconds
        if self._halves.pop(key, None) is None:
            self.finished[key.task, key.seed] += 1
            self.computed += 1
        self.failed += sum(score.status in (Status.FAILED, Status.OUT_OF_MEMORY) for score in observed.scores.values())

    def seconds_left(self) -> float:
        """Estimate how long one worker would be busy with what is left."""
        return sum(count * self.costs.of(kind) for kind, count in self.left.items())
