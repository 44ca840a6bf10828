"""Network expressivity by activation rank."""

import math

import torch
from torch import Tensor

from zc_bench.engine.declare import proxy
from zc_bench.passes.activation_windows import ActivationWindows


@proxy(
    "near", source="Husistein et al. 2025, NEAR, arXiv:2408.08776, eq. 4-5, as the authors' code"
)
def near(windows: ActivationWindows) -> float:
    """Sum over layers of the effective rank of their activations, before and after the function.

    Formula, with s the singular values of a matrix of C neighbouring positions and C channels, of
    each module m that has a weight or is an activation function:

        erank_m = exp( - sum_i p_i ln p_i ),  p_i = s_i / sum_j s_j
        score = sum_m erank_m

    A matrix of zeros has the effective rank 0. Labels do not count.

    Args:
        windows: `singular_values` holds s, one tensor per module.

    Returns:
        A number from 0 to the sum of all C; higher is better.

    Examples:
        Two equal singular values have rank 2, a single one has rank 1.

        >>> import torch
        >>> from zc_bench.passes.activation_windows import ActivationWindows
        >>> values = torch.tensor([3.0, 3.0]), torch.tensor([5.0, 0.0])
        >>> round(near(ActivationWindows(values)), 6)
        3.0

    References:
        Husistein, Reiher and Eckhoff 2025, NEAR, arXiv:2408.08776, eq. 4-5.

    Deviations:
        The paper adds the ranks before and after the activation function of a layer. The authors'
        code takes every module with a weight, so batch normalisation counts as a matrix of its own,
        also here. The code draws the start of the C positions so that some may be missing; here C
        rows follow wherever the batch has them, in which images are sorted by the sum of their
        values so that the order of the batch does not count. It collects batches until there are C rows; here
        there is one batch. The published numbers are means of 32 networks per architecture; set
        `repeats` for that. The code fails for tokens (N, T, C); here each token is a position.
    """
    return math.fsum(map(effective_rank, windows.singular_values))


def effective_rank(values: Tensor) -> float:
    """Return the exponential of the entropy of the shares of singular values.

    Args:
        values: at least zero.

    Returns:
        From 1 to their number; 0 where all are zero.
    """
    total = values.double().sum()
    if total == 0:
        return 0.0
    return float(torch.special.entr(values.double() / total).sum().exp())
