"""The number of equal bits in the activation patterns of every pair of images."""

from dataclasses import dataclass

from torch import Tensor

from zc_bench.engine.declare import shared_pass
from zc_bench.kernels import pattern_count
from zc_bench.passes.relu_patterns import ReluPatterns


@dataclass(frozen=True)
class PatternAgreements:
    """Agreements between the activation patterns of images.

    Attributes:
        agreements: int64 (N, N), for every pair of images the number of units that are active for
            both or for neither.
        units: V, the number of units.
    """

    agreements: Tensor
    units: int


@shared_pass
def pattern_agreements(patterns: ReluPatterns) -> PatternAgreements:
    """Count the agreements.

    Raises:
        InvalidScoreError: if the network has no ReLU.
    """
    patterns.expect_units()
    both = pattern_count.coactivations(patterns.words, patterns.images)
    active = both.diagonal()
    units = len(patterns.words)
    return PatternAgreements(units - active[:, None] - active[None, :] + 2 * both, units)
