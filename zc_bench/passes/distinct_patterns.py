"""The number of distinct sample-wise activation patterns."""

from dataclasses import dataclass

from zc_bench.engine.declare import shared_pass
from zc_bench.kernels import pattern_count
from zc_bench.passes.relu_patterns import ReluPatterns


@dataclass(frozen=True)
class DistinctPatterns:
    """The size of the set of sample-wise activation patterns.

    Attributes:
        count: the number of distinct patterns over all V units of the network, 1 to V.
    """

    count: int


@shared_pass
def distinct_patterns(patterns: ReluPatterns) -> DistinctPatterns:
    """Count the distinct patterns, exactly.

    Raises:
        InvalidScoreError: if the network has no ReLU.
    """
    patterns.expect_units()
    return DistinctPatterns(pattern_count.count_distinct(patterns.words))
