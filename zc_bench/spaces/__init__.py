"""Search spaces; importing this package registers those that come with the harness."""

from zc_bench.spaces import darts, darts_cell, darts_search, nb101, nb201, nb301, tnb101_macro, tnb101_micro
from zc_bench.spaces.base import Architecture, CellGraph, SearchSpace, spaces

__all__ = [
    "Architecture",
    "CellGraph",
    "SearchSpace",
    "darts",
    "darts_cell",
    "darts_search",
    "nb101",
    "nb201",
    "nb301",
    "spaces",
    "tnb101_macro",
    "tnb101_micro",
]
