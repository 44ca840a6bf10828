"""What is left of a run: its trials in their order, what they cost, and how far it is."""

from collections import Counter, deque
from collections.abc import Sequence
from itertools import chain

from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import computed_names
from zc_bench.engine.scores import Status
from zc_bench.execution.costs import Costs
from zc_bench.execution.local import Job, Kind, Outcome
from zc_bench.execution.run import Run
from zc_bench.execution.stages import split
from zc_bench.execution.trials import leading_trials, trial_rounds
from zc_bench.store import Store, TrialKey, column_name


class JobQueue:
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
        begun: whether a part of the next round_ was taken.
    """

    def __init__(self, run: Run, store: Store, warming: int = 1) -> None:
        store.record_drawn(run.drawn)
        self._store = store
        self._columns = {
            name: column_name(name, proxy_registry[name].version)
            for name in computed_names(run.spec.proxies)
        }
        self.weight = len(run.spec.tasks)
        self.total = sum(map(len, run.drawn.values()))
        self.finished = Counter({cell: len(keys) for cell, keys in run.drawn.items()})
        self.taken = self.computed = self.failed = 0
        self.used = 0.0
        self.costs = Costs(warming)
        self.left: Counter[Kind] = Counter()
        self.begun = False
        self._rounds: deque[deque[Job]] = deque()
        self._halves: dict[TrialKey, tuple[str, ...]] = {}
        for key in leading_trials(run.drawn):
            quick, costly = split(store.missing(key, self._columns))
            if quick and costly:
                self._halves[key] = costly
                self._add([Job(run.scorer, key, quick)])
        for keys in trial_rounds(run.drawn):
            lacking = (
                (key, self._halves.get(key) or tuple(store.missing(key, self._columns)))
                for key in keys
            )
            round_ = [Job(run.scorer, key, names) for key, names in lacking if names]
            self._add(round_)
            self.finished.subtract((job.key.task, job.key.seed) for job in round_)

    def _add(self, round_: Sequence[Job]) -> None:
        if round_:
            self._rounds.append(deque(round_))
        self.left.update(job.kind for job in round_)

    def __bool__(self) -> bool:
        """Say whether something is left."""
        return bool(self._rounds)

    def due(self) -> list[Job]:
        """Return what should fit into the time that is left: the next round_, or of one that is begun the next trial."""
        return [self._rounds[0][0]] if self.begun else list(self._rounds[0])

    def take(self) -> Job:
        """Take the next trial."""
        round_ = self._rounds[0]
        job = round_.popleft()
        self.begun = bool(round_)
        if not round_:
            self._rounds.popleft()
        self.left[job.kind] -= 1
        self.taken += 1
        return job

    def look_ahead(self) -> None:
        """Let one trial of every kind that is not known yet go first, but no costly proxies before the quick ones."""
        first: dict[Kind, Job] = {}
        stage = next(chain.from_iterable(self._rounds)).names if self._rounds else ()
        for job in chain.from_iterable(self._rounds):
            if job.names == stage:
                first.setdefault(job.kind, job)
        chosen = [job for kind, job in first.items() if kind not in self.costs]
        rest = (deque(item for item in round_ if item not in chosen) for round_ in self._rounds)
        self._rounds = deque([*(deque([item]) for item in chosen), *filter(None, rest)])

    def finish(self, outcome: Outcome) -> None:
        """Store what became of a trial, and learn from it."""
        key, result = outcome.job.key, outcome.result
        self._store.append(key, result, self._columns)
        if outcome.seconds is not None:
            self.costs.add(outcome.job.kind, outcome.seconds)
            self.used += outcome.seconds
        if self._halves.pop(key, None) is None:
            self.finished[key.task, key.seed] += 1
            self.computed += 1
        self.failed += sum(
            score.status in (Status.FAILED, Status.OUT_OF_MEMORY)
            for score in result.scores.values()
        )

    def seconds_left(self) -> float:
        """Estimate how long one worker would be busy with what is left."""
        return sum(count * self.costs.of(kind) for kind, count in self.left.items())
