"""Two runs with constant weights."""

import math
from statistics import fmean

import torch

from networks import Case
from reference.running import draws, training_copy


def epsinas(case: Case) -> float | None:
    """Write the constants into two copies, and compare the scaled outputs image by image."""
    scaled = []
    for constant in (1e-7, 1.0):
        network = training_copy(case)
        with draws(case), torch.no_grad():
            for name, parameter in network.named_parameters():
                parameter.fill_(0.0 if name.endswith("bias") else constant)
            values = [row[0].item() for row in network(case.images).flatten(1)]
        span = max(values) - min(values)
        scaled.append([(value - min(values)) / span if span else math.nan for value in values])
    used = [[value for value in row if value != 0 and not math.isnan(value)] for row in scaled]
    pairs = [
        abs(one - other)
        for one, other in zip(*scaled, strict=True)
        if one * other != 0 and not math.isnan(one * other)
    ]
    return fmean(pairs) / fmean(used[0] + used[1]) if pairs else None
