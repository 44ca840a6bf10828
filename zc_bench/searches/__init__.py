"""Searches guided by proxies: SWAP-NAS, and baselines with the same number of evaluations."""

from zc_bench.searches import aging_evolution, local_search, random_search, swap_nas
from zc_bench.searches.base import Candidate, Settings, algorithms, fitness
from zc_bench.searches.driver import Evaluation, search
from zc_bench.searches.guide import Guide, Limits
from zc_bench.searches.history import History
from zc_bench.searches.run import SearchSpec, run_searches
from zc_bench.searches.stacked import searched_space, stack

__all__ = [
    "Candidate",
    "Evaluation",
    "Guide",
    "History",
    "Limits",
    "SearchSpec",
    "Settings",
    "aging_evolution",
    "algorithms",
    "fitness",
    "local_search",
    "random_search",
    "run_searches",
    "search",
    "searched_space",
    "stack",
    "swap_nas",
]
