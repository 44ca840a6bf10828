"""Regularised SWAP."""

import math
from dataclasses import dataclass

from zc_bench.observe import proxy
from zc_bench.passes.distinct_patterns import DistinctPatterns
from zc_bench.passes.network_size import NetworkSize


@dataclass(frozen=True)
class Regularisation:
    """The bell curve over model sizes, in millions of parameters.

    Attributes:
        mu: where its centre is.
        sigma: how wide it is; the paper divides by sigma, not by its square.
    """

    mu: float
    sigma: float

    def __call__(self, parameters: int) -> float:
        """Return f(P) = exp(-(P - mu)^2 / sigma), with P in millions (eq. 5)."""
        return math.exp(-((parameters / 1e6 - self.mu) ** 2) / self.sigma)


@proxy("reg_swap", source="Peng et al. 2024, SWAP-NAS, arXiv:2403.04161, definitions 3.4 and 3.5, eq. 5-6")
def reg_swap(patterns: DistinctPatterns, size: NetworkSize, regularisation: Regularisation) -> float:
    """SWAP times a bell curve over the number of parameters, which steers towards a size."""
    return patterns.count * regularisation(size.parameters)
