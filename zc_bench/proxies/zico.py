"""Inverse coefficient of variation of the gradients."""

import torch
from torch import Tensor

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.batch_gradients import BatchGradients


@proxy(
    "zico",
    source="Li et al. 2023, ZiCo, arXiv:2301.11300, eq. 16, with two batches as its authors",
    uses_labels=True,
)
def zico(gradients: BatchGradients) -> float:
    """Sum over Conv2d and Linear layers of the log of the summed ratio of mean |dL/dw| to its deviation.

    Mean and standard deviation (of the population) are over the batches. Weights whose gradients are equal in all
    batches, and layers that consist of them, do not count.

    Raises:
        InvalidScoreError: if no layer counts.
    """
    sums = [
        _ratios(first, second)
        for first, second in zip(gradients.first, gradients.second, strict=True)
    ]
    counted = torch.stack(sums)
    counted = counted[counted != 0]  # keeps NaN: the score is then invalid
    if not len(counted):
        message = "the gradients of the two batches are equal in every layer"
        raise InvalidScoreError(message)
    return float(counted.log().sum())


def _ratios(first: Tensor, second: Tensor) -> Tensor:
    """Sum mean / deviation over the weights of a layer; of two numbers, both are halves of a sum and a difference."""
    # As the authors do it: the deviation is of the signed gradients, the mean of their absolute values.
    difference = (first - second).abs().double()
    total = first.abs().double() + second.abs().double()
    return torch.where(difference == 0, 0.0, total / difference).sum()
