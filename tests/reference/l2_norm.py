"""Sum of the norms of the weights."""

import math

from torch import nn

from networks import Case


def l2_norm(case: Case) -> float:
    """Take the root of the sum of squares of every Conv2d and Linear weight, and add them up."""
    layers = [
        module for module in case.network.modules() if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    return sum(
        math.sqrt(math.fsum(value * value for value in layer.weight.detach().flatten().tolist()))
        for layer in layers
    )
