"""Regularised SWAP."""

import math

from networks import REGULARISATION, Case
from reference.params import params
from reference.swap import swap


def reg_swap(case: Case) -> float | None:
    """Multiply the number of patterns with exp(-(P - mu)^2 / sigma), P in millions of parameters."""
    count = swap(case)
    if count is None:
        return None
    distance = params(case) - REGULARISATION.mu
    return count * math.e ** (-(distance * distance) / REGULARISATION.sigma)
