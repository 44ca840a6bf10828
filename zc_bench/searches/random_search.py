"""Random search, the baseline of every search (Li & Talwalkar 2020, arXiv:1902.07638)."""

import numpy as np

from zc_bench.searches.base import Asking, Settings, algorithms
from zc_bench.spaces import SearchSpace


def random_search(space: SearchSpace, settings: Settings, generator: np.random.Generator) -> Asking:
    """Draw architectures without end, P at a time."""
    while True:
        yield [space.sample(generator) for _ in range(settings.population)]


algorithms.register("random_search", random_search)
