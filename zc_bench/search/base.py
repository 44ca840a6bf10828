"""What a search algorithm is: it asks for scores, gets them, and asks again."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from zc_bench.errors import ZcBenchError
from zc_bench.registry import Registry
from zc_bench.spaces import Architecture, SearchSpace


@dataclass(frozen=True)
class Settings:
    """What the evolutionary algorithms are told. The paper produces no numbers for its searches: these are ours.

    Attributes:
        population: P, how many candidates live at a time.
        cycles: C, how often SWAP-NAS renews a candidate; None for as often as there are evaluations.
        sample: S, how many take part in a tournament; None for half of the population, as in the paper.
        mutations: how many children a parent has in a cycle of SWAP-NAS; the best of them is kept.
    """

    population: int = 20
    cycles: int | None = 50
    sample: int | None = None
    mutations: int = 5

    def __post_init__(self) -> None:
        """Refuse values that no search could use."""
        _expect(self.population >= 2, "population", self.population, "a whole number from 2 up")
        _expect(
            self.cycles is None or self.cycles >= 0,
            "cycles",
            self.cycles,
            "a whole number from 0 up",
        )
        _expect(self.mutations >= 1, "mutations", self.mutations, "a whole number from 1 up")
        _expect(
            self.sample is None or 2 <= self.sample <= self.population,
            "sample",
            self.sample,
            f"a whole number from 2 to the population, {self.population}",
        )

    @property
    def tournament(self) -> int:
        """S, resolved; at least the two that a crossover takes."""
        return max(2, self.population // 2) if self.sample is None else self.sample


@dataclass(frozen=True)
class Candidate:
    """An architecture with its scores.

    Attributes:
        architecture: the architecture.
        values: a number for each guiding proxy, higher is better; minus infinity where there is no score.
    """

    architecture: Architecture
    values: tuple[float, ...]


# Yields the architectures that it wants scored, and is sent their candidates in the same order.
Asking = Generator[list[Architecture], list[Candidate], None]
Algorithm = Callable[[SearchSpace, Settings, np.random.Generator], Asking]

algorithms: Registry[Algorithm] = Registry("search algorithm")


def fitness(pool: Sequence[Candidate]) -> list[float]:
    """Put candidates in order.

    Args:
        pool: those that compete.

    Returns:
        With one guiding proxy its score; with several the sum of a candidate's ranks in the pool, so that no proxy
        counts more because its numbers are larger. A candidate that lacks a score comes last: minus infinity.
    """
    values = np.array([candidate.values for candidate in pool]).reshape(len(pool), -1)
    if values.shape[1] > 1:
        values = np.where(
            np.isneginf(values).any(1, keepdims=True), -np.inf, rankdata(values, axis=0)
        )
    return [float(total) for total in values.sum(1)]


def best_first(pool: Sequence[Candidate]) -> list[Candidate]:
    """Sort candidates; of equals, the one that came first stays first."""
    order = np.argsort([-value for value in fitness(pool)], kind="stable")
    return [pool[place] for place in order]


def mutate(
    space: SearchSpace, parent: Architecture, count: int, generator: np.random.Generator
) -> list[Architecture]:
    """Draw, with replacement, from the architectures that differ from a parent in one operation or connection."""
    # Listed once for all children: a space may take milliseconds to list them.
    neighbours = list(space.neighbours(parent))
    return [neighbours[generator.integers(len(neighbours))] for _ in range(count)]


def draw(pool: Sequence[Candidate], count: int, generator: np.random.Generator) -> list[Candidate]:
    """Draw candidates without replacement, in the order of the pool."""
    return [pool[place] for place in sorted(generator.permutation(len(pool))[:count])]


def _expect(holds: bool, name: str, value: object, expected: str) -> None:
    if not holds:
        message = f"{name} = {value!r} will not do: expected {expected}."
        raise ZcBenchError(message)
