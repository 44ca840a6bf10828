"""Inverse coefficient of variation of the gradients."""

import math
from statistics import pstdev

from torch import nn

from networks import Case
from reference.running import draws, training_copy, weights_of
from zc_bench.images import Batch


def zico(case: Case) -> float | None:
    """Take mean and standard deviation of every weight's gradient over the batches, weight by weight.

    `pstdev` is exact: gradients that differ in the last bit alone have a huge ratio, which must be
    the same.
    """
    batches = [Batch(case.images, case.labels), case.second]
    by_batch = [gradients(case, batch) for batch in batches]
    logs = []
    for layer in zip(*by_batch, strict=True):
        pairs = [pair for pair in zip(*layer, strict=True) if pstdev(pair) > 0]
        ratios = sum(
            (abs(first) + abs(second)) / 2 / pstdev((first, second)) for first, second in pairs
        )
        if ratios > 0:
            logs.append(math.log(ratios))
    return sum(logs) if logs else None


def gradients(case: Case, batch: Batch) -> list[list[float]]:
    network = training_copy(case)
    network.zero_grad()
    with draws(case):
        nn.functional.cross_entropy(network(batch.images), batch.labels).backward()
    return [
        [0.0] * weight.numel() if weight.grad is None else weight.grad.flatten().tolist()
        for weight in weights_of(network)
    ]
