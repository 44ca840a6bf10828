"""The jobs of one run that are left, in their order, and what they cost."""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterator
from itertools import product

from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import computed_names
from zc_bench.engine.execute import JobResult
from zc_bench.engine.plan import plan
from zc_bench.execution.job import Job
from zc_bench.execution.resolve import Drawn, ResolvedRun
from zc_bench.passes.forward import Forward
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.store import AGAIN, Store, TrialKey, column_name

FIRST = 10  # architectures of every task and seed that come before the larger rounds
GRADIENTS = 12.0  # the cost of a job with gradients, in jobs without; a guess until one is known

Kind = tuple[str, tuple[str, ...]]  # task and proxies: what the cost of a job depends on


class JobQueue:
    """What is left of one run: jobs, in rounds.

    First come the proxies that need no gradients, for ten architectures of every task. Then come
    all proxies, in the order of `rounds`.

    Args:
        run: the run.
        store: scores that are in it are not computed again.

    Attributes:
        weight: its share of the time of several runs: the number of tasks.
        total: trials of the whole run.
        finished: trials with all their scores, by task and seed.
        computed: trials that were finished since the queue was made.
        failed: scores that failed since then.
        taken: jobs that were taken.
        running: jobs that were taken and are not finished.
        begun: whether a part of the next round was taken.
    """

    def __init__(self, run: ResolvedRun, store: Store) -> None:
        store.record_drawn(run.drawn)
        self._store = store
        self._columns = {
            name: column_name(name, proxy_registry[name].version)
            for name in computed_names(run.spec.proxies)
        }
        self.weight = len(run.spec.tasks)
        self.finished = Counter({draw: len(keys) for draw, keys in run.drawn.items()})
        self.total = self.finished.total()
        self.computed = self.failed = self.taken = 0
        self.running: set[Job] = set()
        self.begun = False
        self._rounds: deque[deque[Job]] = deque()
        self._left: Counter[Kind] = Counter()
        # The proxies that need gradients, for trials of which the others come first.
        self._later: dict[TrialKey, list[str]] = {}
        gradients = frozenset(filter(needs_gradients, self._columns))
        self._costs, self._used = Costs(gradients), 0.0
        self._fill(run, gradients)

    def _fill(self, run: ResolvedRun, gradients: Collection[str]) -> None:
        first_seed = min(seed for _, seed in run.drawn)
        for task in run.spec.tasks:
            drawn = run.drawn[task, first_seed][:FIRST]
            for key in (TrialKey(task, name, first_seed) for name in drawn):
                lacking = self._store.missing(key, self._columns)
                first = [name for name in lacking if name not in gradients]
                if 0 < len(first) < len(lacking):
                    self._later[key] = [name for name in lacking if name in gradients]
                    self._add([Job(run.scorer, key, tuple(first))])
        for keys in rounds(run.drawn):
            jobs = [
                Job(run.scorer, key, tuple(names))
                for key in keys
                if (names := self._later.get(key) or self._store.missing(key, self._columns))
            ]
            self._add(jobs)
            self.finished.subtract((job.key.task, job.key.seed) for job in jobs)

    def _add(self, jobs: list[Job]) -> None:
        if jobs:
            self._rounds.append(deque(jobs))
            self._left.update(map(kind_of, jobs))

    def __bool__(self) -> bool:
        """Return whether jobs are left."""
        return bool(self._rounds)

    def jobs_left(self) -> list[Job]:
        """List the jobs that nobody has taken, in their order."""
        return [job for jobs in self._rounds for job in jobs]

    def next_costs(self) -> list[float]:
        """Estimate the seconds of every job of the next round; of a begun one, of the next job."""
        jobs = list(self._rounds[0])[: 1 if self.begun else None]
        return [self._costs.mean(kind_of(job)) for job in jobs]

    def take(self) -> Job:
        """Take the next job."""
        job = self._rounds[0].popleft()
        self.begun = bool(self._rounds[0])
        if not self.begun:
            self._rounds.popleft()
        self._left[kind_of(job)] -= 1
        self.taken += 1
        self.running.add(job)
        return job

    def finish(self, job: Job, result: JobResult) -> None:
        """Store the result of a job, and learn what it cost."""
        self._store.append(job.key, result, self._columns)
        self.running.remove(job)
        if result.seconds is not None:
            self._costs.add(kind_of(job), result.seconds)
            self._used += result.seconds
        if self._later.pop(job.key, None) is None:
            self.finished[job.key.task, job.key.seed] += 1
            self.computed += 1
        self.failed += sum(score.status in AGAIN for score in result.scores.values())

    def busy(self) -> float:
        """Estimate the seconds that one worker would need for the running jobs."""
        return sum(self._costs.mean(kind_of(job)) for job in self.running)

    def used(self) -> float:
        """Return the seconds that workers have used, with an estimate for the running jobs."""
        return self._used + self.busy()

    def left(self) -> float | None:
        """Estimate the seconds of one worker for all running and later jobs, if a cost is known."""
        if self and not self._costs:
            return None
        left = sum(count * self._costs.mean(kind) for kind, count in self._left.items())
        return left + self.busy()


class Costs:
    """Mean seconds of jobs, by kind.

    Args:
        gradients: the proxies that need gradients.
    """

    def __init__(self, gradients: Collection[str]) -> None:
        self._gradients = gradients
        self._jobs: Counter[Kind] = Counter()
        self._seconds: defaultdict[Kind, float] = defaultdict(float)

    def __bool__(self) -> bool:
        """Return whether the cost of any job is known."""
        return bool(self._jobs)

    def add(self, kind: Kind, seconds: float) -> None:
        """Add the cost of a job."""
        self._jobs[kind] += 1
        self._seconds[kind] += seconds

    def mean(self, kind: Kind) -> float:
        """Estimate the cost of a job: the mean of its kind, of similar kinds, or of all.

        Kinds are similar if both need gradients, or neither does. The first job that needs
        gradients is taken for a multiple of those without.
        """
        needs = self._needs(kind)
        similar = [other for other in self._jobs if self._needs(other) == needs]
        known = [kind] if kind in self._jobs else similar or list(self._jobs)
        jobs = max(1, sum(self._jobs[other] for other in known))
        mean = sum(self._seconds[other] for other in known) / jobs
        return GRADIENTS * mean if needs and not similar else mean

    def _needs(self, kind: Kind) -> bool:
        return any(name in self._gradients for name in kind[1])


def kind_of(job: Job) -> Kind:
    """Return what the cost of a job depends on."""
    return job.key.task, job.names


def needs_gradients(name: str) -> bool:
    """Return whether a proxy needs gradients, which cost several forward passes.

    Examples:
        >>> [needs_gradients(name) for name in ("snip", "gradsign", "swap")]
        [True, True, False]
    """
    planned = plan([name], [TrialInputs])
    return Forward in planned.requested or any(step.differentiates for step in planned.passes)


def rounds(drawn: Drawn) -> Iterator[list[TrialKey]]:
    """Yield the trials of a run in their order, in rounds.

    First every task and seed in turn gets ten architectures, in rounds of one trial: in little
    time there are few correlations, but each of enough architectures. From then on, a round holds
    the i-th architecture of every task and seed: all correlations grow evenly.

    Args:
        drawn: architectures by task and seed.
    """
    tasks = dict.fromkeys(task for task, _ in drawn)
    seeds = sorted({seed for _, seed in drawn})
    draws = [(task, seed) for seed, task in product(seeds, tasks)]
    for task, seed in draws:
        yield from ([TrialKey(task, key, seed)] for key in drawn[task, seed][:FIRST])
    for place in range(FIRST, max(map(len, drawn.values()))):
        yield [
            TrialKey(task, drawn[task, seed][place], seed)
            for task, seed in draws
            if place < len(drawn[task, seed])
        ]
