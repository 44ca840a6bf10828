"""The interface of search algorithms: generators that request scores."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from zc_bench.errors import expect, expect_whole
from zc_bench.registry import Registry
from zc_bench.spaces import Architecture, SearchSpace


@dataclass(frozen=True)
class Settings:
    """The settings of the evolutionary algorithms. The paper states none; these are ours.

    Attributes:
        population: P, the number of candidates in the population.
        cycles: C, the number of cycles of SWAP-NAS; None for no limit but the evaluations.
        sample: S, the number of candidates in a tournament; None for half of the population, as in
            the paper.
        mutations: the number of children of a parent in a cycle of SWAP-NAS, of which the best
            stays.
    """

    population: int = 20
    cycles: int | None = 50
    sample: int | None = None
    mutations: int = 5

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        expect_whole("population", self.population, most=100_000, least=2)
        if self.cycles is not None:
            expect_whole("cycles", self.cycles, most=10**9, least=0)
        expect_whole("mutations", self.mutations, most=10_000)
        expect(
            self.sample is None or 2 <= self.sample <= self.population,
            "sample",
            self.sample,
            f"a whole number from 2 to the population, {self.population}",
        )

    @property
    def tournament(self) -> int:
        """S as a number, at least the two of a crossover."""
        return max(2, self.population // 2) if self.sample is None else self.sample


@dataclass(frozen=True)
class Candidate:
    """An architecture with its scores.

    Attributes:
        architecture: the architecture.
        values: a number for each guiding proxy, higher is better; minus infinity without a score.
    """

    architecture: Architecture
    values: tuple[float, ...]


# An algorithm yields architectures, and receives their candidates in the same order.
Asking = Generator[list[Architecture], list[Candidate], None]
Algorithm = Callable[[SearchSpace, Settings, np.random.Generator], Asking]

algorithms: Registry[Algorithm] = Registry("search algorithm")


def fitness(pool: Sequence[Candidate]) -> list[float]:
    """Return the fitness of candidates.

    Args:
        pool: the candidates.

    Returns:
        With one guiding proxy, the score. With several, the sum of the ranks of a candidate in the
        pool, so that the scale of a proxy has no effect. Minus infinity for a candidate without
        a score.
    """
    values = np.array([candidate.values for candidate in pool]).reshape(len(pool), -1)
    if values.shape[1] > 1:
        values = np.where(
            np.isneginf(values).any(1, keepdims=True), -np.inf, rankdata(values, axis=0)
        )
    return [float(total) for total in values.sum(1)]


def best_first(pool: Sequence[Candidate]) -> list[Candidate]:
    """Sort candidates, best first; the sort is stable."""
    order = np.argsort([-value for value in fitness(pool)], kind="stable")
    return [pool[place] for place in order]


def mutate(
    space: SearchSpace, parent: Architecture, count: int, generator: np.random.Generator
) -> list[Architecture]:
    """Draw, with replacement, architectures that differ in one operation or connection."""
    # The list is made once for all children, because it may take milliseconds.
    neighbours = list(space.neighbours(parent))
    return [neighbours[generator.integers(len(neighbours))] for _ in range(count)]


def draw(pool: Sequence[Candidate], count: int, generator: np.random.Generator) -> list[Candidate]:
    """Draw candidates without replacement, in the order of the pool."""
    return [pool[place] for place in sorted(generator.permutation(len(pool))[:count])]
