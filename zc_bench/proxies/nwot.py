"""Similarity of activation patterns between images."""

import torch

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.pattern_agreements import PatternAgreements


@proxy("nwot", source="Mellor et al. 2021, arXiv:2006.04647v3, eq. 2-3")
def nwot(patterns: PatternAgreements) -> float:
    """Log-determinant of K, with K[i, j] the number of units that agree for images i and j.

    Formula:

        score = ln |det K|
        K_ij = number of units that are active for both images or for neither

    The units are the outputs of every call of a ReLU. A unit is active if its output is above
    zero.

    Args:
        patterns: `agreements` holds K, int64 (N, N).

    Returns:
        A logarithm, at most N ln(number of units); higher is better.

    Raises:
        InvalidScoreError: if K is singular, for instance because two images have the same pattern.

    Examples:
        Two images, three units, of which one agrees: ln(3 * 3 - 1 * 1) = ln 8.

        >>> import torch
        >>> from zc_bench.passes.pattern_agreements import PatternAgreements
        >>> round(nwot(PatternAgreements(torch.tensor([[3, 1], [1, 3]]), units=3)), 4)
        2.0794

    References:
        Mellor et al. 2021, arXiv:2006.04647v3, eq. 2-3.

    Deviations:
        NAS-Bench-Suite-Zero counts every module whose type name contains "ReLU": LeakyReLU in
        decoders, and on TransNAS-Bench-101 a wrapper of a ReLU beside the ReLU itself.
    """
    # K is a Gram matrix: it is symmetric, and no eigenvalue is negative. One below the rounding of
    # the largest is zero.
    eigenvalues = torch.linalg.eigvalsh(patterns.agreements.double())
    rounding = torch.finfo(torch.float64).eps * len(eigenvalues) * eigenvalues[-1]
    if eigenvalues[0] <= rounding:
        message = (
            "the activation patterns of the images are not distinct enough: the determinant is zero"
        )
        raise InvalidScoreError(message)
    return float(eigenvalues.log().sum())
