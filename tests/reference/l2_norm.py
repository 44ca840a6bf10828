"""Sum of the norms of the weights."""

import math

from networks import Case
from reference.running import weights_of


def l2_norm(case: Case) -> float:
    """Take the root of the sum of squares of every weight, and add them up."""
    return sum(
        math.sqrt(math.fsum(value * value for value in weight.detach().flatten().tolist()))
        for weight in weights_of(case.network)
    )
