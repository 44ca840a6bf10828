"""Scores for a search: from the store where they are, from the lab where not."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from zc_bench.lab import Lab
from zc_bench.observe import Score, Status, proxies
from zc_bench.search.base import Candidate
from zc_bench.spaces import Architecture, spaces
from zc_bench.store import Store, TrialKey, column_name
from zc_bench.tasks import tasks


@dataclass(frozen=True)
class Limits:
    """How large a network may be.

    Attributes:
        parameters: at most so many, or None.
        multiply_adds: at most so many per image, or None.
    """

    parameters: int | None = None
    multiply_adds: int | None = None


class Scorer:
    """Scores architectures of a space for one seed, each once, every score in the store.

    Args:
        lab: builds and observes.
        store: open for writing.
        task: the task, by name.
        names: the guiding proxies.
        seed: of batch and weights.
        limits: what is larger is not scored and comes last.
    """

    def __init__(
        self, lab: Lab, store: Store, task: str, names: Sequence[str], seed: int, limits: Limits | None = None
    ) -> None:
        self._lab, self._store, self._task, self._seed = lab, store, task, seed
        self._names = tuple(names)
        self._limits = limits or Limits()

    def __call__(self, architectures: Sequence[Architecture]) -> list[Candidate]:
        """Score architectures, in their order."""
        return [Candidate(architecture, self._values(architecture)) for architecture in architectures]

    def _values(self, architecture: Architecture) -> tuple[float, ...]:
        if not self._fits(architecture):
            return (-math.inf,) * len(self._names)
        scores = self._scores(architecture, self._names)
        return tuple(_oriented(name, scores[name]) for name in self._names)

    def _fits(self, architecture: Architecture) -> bool:
        most, operations = self._limits.parameters, self._limits.multiply_adds
        if most is not None and spaces[self._lab.space].parameters(architecture, tasks[self._task]) > most:
            return False
        # The proxy counts in millions.
        return operations is None or self._scores(architecture, ("flops",))["flops"].value * 1e6 <= operations

    def _scores(self, architecture: Architecture, names: Sequence[str]) -> dict[str, Score]:
        key = TrialKey(self._task, architecture.key, self._seed)
        columns = {name: column_name(name, proxies[name].version) for name in names}
        if missing := self._store.missing(key, columns):
            self._store.append(key, self._lab.observe(key, missing), columns)
        stored = self._store.contents.trials[key].scores
        return {name: stored[column] for name, column in columns.items()}


def _oriented(name: str, score: Score) -> float:
    """Return a number of which higher is better."""
    if score.status is not Status.DONE:
        return -math.inf
    return score.value if proxies[name].higher_is_better else -score.value
