"""DARTS: the cells, and the networks of NAS-Bench-301, of the search, of one cell, and of training."""

from zc_bench.spaces.darts import nb301, one_cell, search, trained

__all__ = ["nb301", "one_cell", "search", "trained"]
