"""Aging evolution: it removes the oldest (Real et al. 2019, arXiv:1802.01548, algorithm 1)."""

from collections import deque

import numpy as np

from zc_bench.searches.base import Asking, Settings, algorithms, best_first, draw, mutate
from zc_bench.spaces import SearchSpace


def aging_evolution(
    space: SearchSpace, settings: Settings, generator: np.random.Generator
) -> Asking:
    """Evolve a population without end: add a mutation of the best of S, remove the oldest."""
    population = deque((yield [space.sample(generator) for _ in range(settings.population)]))
    while True:
        parent = best_first(draw(population, settings.tournament, generator))[0]
        population += yield mutate(space, parent.architecture, 1, generator)
        population.popleft()


algorithms.register("aging_evolution", aging_evolution)
