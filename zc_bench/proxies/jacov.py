"""Correlation of the input Jacobian between images."""

import torch

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.input_jacobian import InputJacobian

_K = 1e-5


@proxy("jacov", source="Mellor et al. 2020, arXiv:2006.04647v1, eq. 2")
def jacov(result: InputJacobian) -> float:
    """Minus the sum over eigenvalues v of the correlation matrix of the images' Jacobians of log(v + k) + 1 / (v + k).

    k is 1e-5. The best value is about -N, where the Jacobians are uncorrelated. Deviation: the correlation matrix is
    symmetric and positive semi-definite, so its eigenvalues come from a symmetric solver in float64 and are cut off at
    0; the reference's general solver produces slightly negative or complex ones.

    Raises:
        InvalidScoreError: if an image's Jacobian is constant, so that its correlations do not exist.
    """
    eigenvalues = torch.linalg.eigvalsh(correlation(result.jacobian)).clamp(min=0)
    return -float((torch.log(eigenvalues + _K) + 1 / (eigenvalues + _K)).sum())


def correlation(rows: torch.Tensor) -> torch.Tensor:
    """Return the matrix of Pearson's correlations between rows.

    Args:
        rows: (N, D).

    Returns:
        float64 (N, N).

    Raises:
        InvalidScoreError: if a row is constant or not finite.
    """
    if not torch.isfinite(rows).all():
        message = "the Jacobian of the outputs is not finite"
        raise InvalidScoreError(message)
    centred = rows.double() - rows.double().mean(1, keepdim=True)
    norms = centred.norm(dim=1, keepdim=True)
    # Rounding leaves a constant row with a residue of about 1e-16 of its values.
    constant = int((norms[:, 0] <= 1e-12 * rows.double().norm(dim=1)).sum())
    if constant:
        message = f"the outputs do not depend on the image: {constant} of {len(rows)} rows of the Jacobian are constant"
        raise InvalidScoreError(message)
    unit: torch.Tensor = centred / norms
    return unit @ unit.T
