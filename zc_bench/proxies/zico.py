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
    """Sum over Conv2d and Linear layers of the log of summed mean / deviation of dL/dw.

    Formula, with g_1 and g_2 the gradients of a weight on two batches:

        score = sum_l ln( sum_{w in l} mean(|g_1|, |g_2|) / std(g_1, g_2) )

    std is the standard deviation of the population, |g_1 - g_2| / 2. A weight whose gradients are
    equal does not count, nor does a layer that consists of such weights.

    Args:
        gradients: `first` and `second` hold g_1 and g_2, one tensor per layer, in equal shapes.

    Returns:
        A sum of logarithms, of either sign; higher is better.

    Raises:
        InvalidScoreError: if no layer counts.

    Examples:
        The first weight has mean (3 + 1) / 2 = 2 and deviation 1; the second does not count: ln 2.

        >>> import torch
        >>> from zc_bench.passes.batch_gradients import BatchGradients
        >>> first, second = (torch.tensor([[3.0, 1.0]]),), (torch.tensor([[1.0, 1.0]]),)
        >>> round(zico(BatchGradients(first, second)), 4)
        0.6931

    References:
        Li et al. 2023, ZiCo, arXiv:2301.11300, eq. 16.

    Deviations:
        None known from the authors' code. As there, the mean is of absolute values and the
        deviation of signed ones. It takes as many batches as its loader holds; here there are two,
        as in the authors' search.
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
    """Sum mean / deviation over the weights of a layer: (|g1| + |g2|) / |g1 - g2|."""
    # As in the authors' code, the deviation is of signed gradients, the mean of absolute values.
    difference = (first - second).abs().double()
    total = first.abs().double() + second.abs().double()
    return torch.where(difference == 0, 0.0, total / difference).sum()
