"""Weighted response correlation."""

import torch

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.relu_correlations import ReluCorrelations


@proxy("wrcor", source="Jing et al. 2025, WRCor, arXiv:2507.08841, eq. 8-11", uses_labels=True)
def wrcor(correlations: ReluCorrelations) -> float:
    """Log determinant of the correlations of ReLU inputs and of their gradients, by depth.

    Formula, with A_r and G_r the matrices of Pearson's correlations between the N images of what
    enters ReLU r, and of the gradients of the loss with respect to it, and i_r the number of its
    cell, from 0:

        K = sum_r 2^{i_r} ( |A_r| + |G_r| )
        score = ln |det K|

    A matrix with a constant row does not count.

    Args:
        correlations: `values` and `gradients` hold the sums of |A_r| and |G_r| by cell, (N, N).

    Returns:
        A number without unit; higher is better.

    Raises:
        InvalidScoreError: if no matrix counts, or K is singular within rounding.

    Examples:
        Two uncorrelated images in cells 0 and 1: K is diag(3, 3), and the score is ln 9.

        >>> import torch
        >>> from zc_bench.passes.relu_correlations import ReluCorrelations
        >>> unit = torch.eye(2, dtype=torch.float64)
        >>> round(wrcor(ReluCorrelations({0: unit}, {1: unit})), 4)
        2.1972

    References:
        Jing et al. 2025, arXiv:2507.08841, eq. 8-11.

    Deviations:
        The authors' code takes every module with "ReLU" in its name. So it counts twice where a
        block is named ReLUConvBN, and takes what leaves a ReLU in place for what enters it. Here
        what enters an nn.ReLU counts. The paper numbers layers from 1, which adds N ln 2. On
        NAS-Bench-101 the code counts the stem and the poolings as cells. It has 64 images.
    """
    weighted = [
        2.0**cell * matrix
        for sums in (correlations.values, correlations.gradients)
        for cell, matrix in sums.items()
    ]
    if not weighted:
        message = "what enters the ReLUs is constant for some image, and so are the gradients"
        raise InvalidScoreError(message)
    sizes = torch.linalg.eigvalsh(torch.stack(weighted).sum(0)).abs()
    if sizes.min() <= len(sizes) * torch.finfo(torch.float64).eps * sizes.max():
        message = "the sum of correlations is singular: two images have the same responses"
        raise InvalidScoreError(message)
    return float(sizes.log().sum())
