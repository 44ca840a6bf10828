"""Inverse deviations of absolute gradients, times distinct patterns."""

import math
from statistics import pstdev

from networks import Case
from reference.patterns import patterns
from reference.zico import gradients
from zc_bench.images import Batch


def l_swag(case: Case) -> float | None:
    """Take the deviation of every weight's absolute gradient over the batches, weight by weight."""
    units = patterns(case)
    by_batch = [gradients(case, batch) for batch in (Batch(case.images, case.labels), case.second)]
    logs = []
    for layer in zip(*by_batch, strict=True):
        deviations = [
            pstdev((abs(first), abs(second))) for first, second in zip(*layer, strict=True)
        ]
        if any(deviations):
            logs.append(math.log(math.fsum(1 / value for value in deviations if value > 0)))
    return len(set(units)) * sum(logs) if logs and units else None
