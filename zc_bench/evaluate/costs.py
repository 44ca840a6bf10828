"""What trials cost, learnt from those that are done."""

from collections import Counter

from zc_bench.evaluate.workers import Kind


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
        """Estimate the seconds of a trial: the mean of its like, or else of all, or else 0."""
        if kind in self._trials:
            return self._seconds[kind] / self._trials[kind]
        return sum(self._seconds.values()) / max(1, self._trials.total())
