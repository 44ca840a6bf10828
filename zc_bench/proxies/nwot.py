"""Similarity of activation patterns between images."""

import torch

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.pattern_agreements import PatternAgreements


@proxy("nwot", source="Mellor et al. 2021, arXiv:2006.04647v3, eq. 2-3")
def nwot(patterns: PatternAgreements) -> float:
    """Log of the absolute determinant of K, with K[i, j] the number of units that agree for images i and j.

    Agree means: both active or both not. Units of every ReLU call count. Deviation: ReLU only; the reference also
    hooks every module whose type name contains "ReLU", such as LeakyReLU in decoders.

    Raises:
        InvalidScoreError: if K is singular, as it is where two images have the same pattern.
    """
    # K is a Gram matrix: symmetric, its eigenvalues not negative, and those below the rounding of the largest are zero.
    eigenvalues = torch.linalg.eigvalsh(patterns.agreements.double())
    rounding = torch.finfo(torch.float64).eps * len(eigenvalues) * eigenvalues[-1]
    if eigenvalues[0] <= rounding:
        message = (
            "the activation patterns of the images are not distinct enough: the determinant is zero"
        )
        raise InvalidScoreError(message)
    return float(eigenvalues.log().sum())
