"""Scorers that need no network, and a run over them."""

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.execution import ResolvedRun
from zc_bench.spec import Spec
from zc_bench.tables import Table

KEYS = tuple(f"({index:02},)" for index in range(60))  # sorted


class FakeScorer:
    """Scores at once, or fails; remembers for what it was asked."""

    def __init__(self, status=Status.DONE):
        self.status = status
        self.asked = []

    @property
    def keys(self):
        return [key for key, _ in self.asked]

    def score(self, key, names):
        self.asked.append((key, names))
        return JobResult({name: Score(1.0, self.status, "", 0.0) for name in names}, {})

    def regularisations(self, *_):
        return {}


@dataclass
class DeadlyScorer:
    """Kills its process at certain architectures, as the system does when memory runs out."""

    deadly: dict[str, int]  # how often, by architecture
    folder: Path

    def score(self, key, names):
        deaths = [
            self.folder / f"{key.architecture} {count}"
            for count in range(self.deadly.get(key.architecture, 0))
        ]
        for death in deaths:
            if not death.exists():
                death.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        score = Score(float(key.architecture[1:-2]), Status.DONE, "", 0.0)
        return JobResult(dict.fromkeys(names, score), {})


@dataclass
class Clock:
    """A clock that scorers turn on."""

    now: float = 0.0

    def __call__(self):
        return self.now


@dataclass
class TimedScorer:
    """Takes a known time per task; the first trial takes longer."""

    clock: Clock
    costs: dict[str, float]
    warming: float = 0.0
    spread: float = 0.0
    keys: list = field(default_factory=list)

    def score(self, key, names):
        # Between 1 - spread and 1 + spread of the cost, by architecture.
        deviation = self.spread * (2 * (int(key.architecture[1:-2]) * 7 % 60) / 59 - 1)
        self.clock.now += self.costs[key.task] * (1 + deviation)
        self.clock.now += 0 if self.keys else self.warming
        self.keys.append(key)
        return JobResult({name: Score(1.0, Status.DONE, "", 0.0) for name in names}, {})


@dataclass
class GradientScorer:
    """Takes longer where gradients are needed."""

    clock: Clock
    without: float
    with_gradients: float

    def score(self, key, names):  # noqa: ARG002 - all trials cost the same
        self.clock.now += self.with_gradients if "grad_norm" in names else self.without
        return JobResult({name: Score(1.0, Status.DONE, "", 0.0) for name in names}, {})


def fake_run(
    scorer=None,
    *,
    tasks=("a", "b"),
    samples=4,
    seeds=3,
    truth=None,
    keys=KEYS,
    proxies=("params",),
):
    """A run over sixty architectures and two tasks of a fake scorer."""
    metrics = truth or {task: np.arange(float(len(keys))) for task in tasks}
    table = Table("nb201", keys, metrics, {"file": "none"})
    spec = Spec("nb201", (), proxies, samples, seeds)
    # The tasks are made up; a spec refuses them when it is made.
    object.__setattr__(spec, "tasks", tasks)
    return ResolvedRun(spec, table, scorer or FakeScorer())
