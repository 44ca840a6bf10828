"""Scores for a search, from the store or else from the scorer."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import computed_names, derive_one
from zc_bench.engine.scores import Score, Status
from zc_bench.execution import Executor, Job, LocalExecutor
from zc_bench.searches.base import Candidate
from zc_bench.spaces import Architecture, space_registry
from zc_bench.store import Store, TrialKey, column_name
from zc_bench.tasks import task_registry


@dataclass(frozen=True)
class Limits:
    """The largest size of a network.

    Attributes:
        parameters: the largest number of parameters, or None.
        multiply_adds: the largest number of multiply-adds per image, or None.
    """

    parameters: int | None = None
    multiply_adds: int | None = None


class Guide:
    """Scores architectures of a space for one seed, each once, every score in the store.

    Args:
        scorer: the scorer of the space.
        store: open for writing.
        task: the task, by name.
        names: the guiding proxies.
        seed: of batch and weights.
        limits: what is larger is not scored and comes last.
        executor: computes scores, side by side those that are asked for at once; this process
            unless given.
    """

    def __init__(
        self,
        scorer: ArchitectureScorer,
        store: Store,
        task: str,
        names: Sequence[str],
        seed: int,
        limits: Limits | None = None,
        executor: Executor | None = None,
    ) -> None:
        self._scorer, self._store, self._task, self._seed = scorer, store, task, seed
        self._names = tuple(names)
        self._limits = limits or Limits()
        self._executor = executor or LocalExecutor(scorer.device)

    def __call__(self, architectures: Sequence[Architecture]) -> Iterator[Candidate]:
        """Score architectures; yield candidates in order, each as soon as possible."""
        fitting = self._fitting(architectures)
        scored = self._scored(fitting, self._names)
        for architecture in architectures:
            if architecture in fitting:
                scores = next(scored)
                yield Candidate(
                    architecture, tuple(_oriented(name, scores[name]) for name in self._names)
                )
            else:
                yield Candidate(architecture, (-math.inf,) * len(self._names))

    def _fitting(self, architectures: Sequence[Architecture]) -> list[Architecture]:
        """Leave out networks beyond the limits."""
        most, operations = self._limits.parameters, self._limits.multiply_adds
        if most is not None:
            space, task = space_registry[self._scorer.space], task_registry[self._task]
            architectures = [item for item in architectures if space.parameters(item, task) <= most]
        if operations is not None:
            counts = zip(architectures, self._scored(architectures, ("flops",)), strict=True)
            # The unit of the proxy is a million.
            architectures = [
                item for item, scores in counts if scores["flops"].value * 1e6 <= operations
            ]
        return list(architectures)

    def _scored(
        self, architectures: Sequence[Architecture], names: Sequence[str]
    ) -> Iterator[dict[str, Score]]:
        """Yield scores in order, although workers finish them in another."""
        columns = {
            name: column_name(name, proxy_registry[name].version) for name in computed_names(names)
        }
        settings = self._scorer.regularisations(names, (self._task,)).values()
        keys = [
            TrialKey(self._task, architecture.key, self._seed) for architecture in architectures
        ]
        open_proxies = {
            key: missing for key in keys if (missing := self._store.missing(key, columns))
        }
        finished = self._executor.run(
            Job(self._scorer, key, tuple(open_proxies[key])) for key in list(open_proxies)
        )
        for key in keys:
            while key in open_proxies:
                job, result = next(finished)
                self._store.append(job.key, result, columns)
                del open_proxies[job.key]
            stored = self._store.contents.trials[key].scores
            computed = {name: stored[column] for name, column in columns.items()}
            yield derive_one(names, computed, *settings)


def _oriented(name: str, score: Score) -> float:
    """Return the score, negated for a proxy where lower is better."""
    if score.status is not Status.DONE:
        return -math.inf
    return score.value if proxy_registry[name].higher_is_better else -score.value
