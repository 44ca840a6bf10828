"""Search spaces; an import registers those of zc-bench."""

from zc_bench.spaces import darts, nb101, nb201
from zc_bench.spaces.base import (
    Architecture,
    CellGraph,
    SearchSpace,
    activations_of,
    space_registry,
)
from zc_bench.spaces.darts import nb301
from zc_bench.spaces.darts import one_cell as darts_cell
from zc_bench.spaces.darts import search as darts_search
from zc_bench.spaces.tnb101 import macro as tnb101_macro
from zc_bench.spaces.tnb101 import micro as tnb101_micro
from zc_bench.spaces.transformers import autoformer_ti, flexibert, pit_ti

__all__ = [
    "Architecture",
    "CellGraph",
    "SearchSpace",
    "activations_of",
    "autoformer_ti",
    "darts",
    "darts_cell",
    "darts_search",
    "flexibert",
    "nb101",
    "nb201",
    "nb301",
    "pit_ti",
    "space_registry",
    "tnb101_macro",
    "tnb101_micro",
]
