"""Search spaces; importing this package registers those that come with the harness."""

from zc_bench.spaces import darts_cell, nb201
from zc_bench.spaces.base import Architecture, CellGraph, SearchSpace, spaces

__all__ = ["Architecture", "CellGraph", "SearchSpace", "darts_cell", "nb201", "spaces"]
