"""Sample-wise activation patterns."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.distinct_patterns import DistinctPatterns


@proxy(
    "swap", source="Peng et al. 2024, SWAP-NAS, arXiv:2403.04161, definitions 3.2 and 3.3, eq. 3-4"
)
def swap(patterns: DistinctPatterns) -> float:
    """Number of distinct sample-wise activation patterns over all units of the network.

    The pattern of a unit lists, for the N images, whether its rectified value is above zero. A network without ReLU
    has no score.
    """
    return float(patterns.count)
