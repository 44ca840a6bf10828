"""What trials cost, learnt from those that are done."""

from collections import Counter

from zc_bench.execution.local import Kind
from zc_bench.execution.stages import differentiates

DIFFERENTIATING = 12.0  # all that differentiates, in trials that do not; a guess until one is known


class Costs:
    """Mean seconds of trials, by kind.

    Args:
        warming: how many trials come first that take longer, because kernels are compiled and memory is fetched: one
            per worker. They count only until there are others.
    """

    def __init__(self, warming: int = 1) -> None:
        self._warming = warming
        self._seconds: dict[Kind, float] = {}
        self._trials: Counter[Kind] = Counter()
        self._costly: dict[Kind, bool] = {}

    def add(self, kind: Kind, seconds: float) -> None:
        """Learn from a trial."""
        if 0 < self._warming <= self._trials.total():
            self._seconds.clear()
            self._trials.clear()
            self._warming = 0
        self._seconds[kind] = self._seconds.get(kind, 0.0) + seconds
        self._trials[kind] += 1

    def __contains__(self, kind: object) -> bool:
        """Say whether a trial of this kind is known."""
        return kind in self._trials

    def __bool__(self) -> bool:
        """Say whether any trial is known."""
        return bool(self._trials)

    def of(self, kind: Kind) -> float:
        """Estimate the seconds of a trial: the mean of its like, or else of all, or else 0.

        The first one that differentiates after others that do not is taken for a multiple of their mean.
        """
        if kind in self._trials:
            return self._seconds[kind] / self._trials[kind]
        costly = self._is_costly(kind)
        like = [other for other in self._trials if self._is_costly(other) == costly]
        known = like or list(self._trials)
        mean = sum(self._seconds[other] for other in known) / max(
            1, sum(self._trials[other] for other in known)
        )
        return DIFFERENTIATING * mean if costly and not like else mean

    def _is_costly(self, kind: Kind) -> bool:
        if kind not in self._costly:
            self._costly[kind] = any(map(differentiates, kind[1]))
        return self._costly[kind]
