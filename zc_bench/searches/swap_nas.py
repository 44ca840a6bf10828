"""SWAP-NAS (Peng et al. 2024, arXiv:2403.04161, algorithm 1, appendix C): it removes the worst."""

from itertools import count

import numpy as np

from zc_bench.searches.base import Asking, Candidate, Settings, algorithms, best_first, draw, mutate
from zc_bench.spaces import SearchSpace


def swap_nas(space: SearchSpace, settings: Settings, generator: np.random.Generator) -> Asking:
    """Evolve a population; a cycle adds the best child of a parent and removes the worst.

    S candidates are drawn from the population. With probability one half, the parent is the best of
    them. Otherwise it is the better of two children of a crossover of the best two. The child that
    is added is the best of `mutations` mutations of the parent. Deviation: a child that is in the
    population is not added again. The paper does not mention this case.
    """
    population: list[Candidate] = yield [
        space.sample(generator) for _ in range(settings.population)
    ]
    for _ in count() if settings.cycles is None else range(settings.cycles):
        first, second, *_ = best_first(draw(population, settings.tournament, generator))
        parent = first
        if generator.integers(2):
            pair = ((first, second), (second, first))
            crossed = yield [
                space.crossover(a.architecture, b.architecture, generator) for a, b in pair
            ]
            parent = best_first(crossed)[0]
        children = yield mutate(space, parent.architecture, settings.mutations, generator)
        living = {candidate.architecture for candidate in population}
        new = [child for child in best_first(children) if child.architecture not in living][:1]
        # Among equals the youngest is removed, so a child stays only if it is better than another
        # candidate.
        population = best_first([*population, *new])[: settings.population]


algorithms.register("swap_nas", swap_nas)
