"""Local search: hill climbing with restarts (White et al. 2021, arXiv:2005.02960, algorithm 1)."""

import numpy as np

from zc_bench.searches.base import Asking, Settings, algorithms, best_first
from zc_bench.spaces import SearchSpace


def local_search(space: SearchSpace, settings: Settings, generator: np.random.Generator) -> Asking:
    """Move to the best neighbour while it is better, then restart at random, without end.

    Neighbours are requested in random order, a few at a time. So a search that ends early has tried
    several kinds of changes.
    """
    while True:
        (here,) = yield [space.sample(generator)]
        while True:
            neighbours = list(space.neighbours(here.architecture))
            order = generator.permutation(len(neighbours))
            seen = [here]
            for start in range(0, len(order), settings.mutations):
                seen += yield [
                    neighbours[place] for place in order[start : start + settings.mutations]
                ]
            best = best_first(seen)[0]
            if best is here:
                break
            here = best


algorithms.register("local_search", local_search)
