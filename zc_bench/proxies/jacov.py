"""Correlation of the input Jacobian between images."""

import torch

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.input_jacobian import InputJacobian

_K = 1e-5


@proxy("jacov", source="Mellor et al. 2020, arXiv:2006.04647v1, eq. 2")
def jacov(result: InputJacobian) -> float:
    """Minus the sum of ln(v + k) + 1 / (v + k) over eigenvalues v of the Jacobians' correlations.

    Formula, with C the matrix of Pearson's correlations between the Jacobians of the N images:

        score = - sum_{v in eigenvalues(C)} ( ln(v + k) + 1 / (v + k) ),  k = 10^-5

    The Jacobian of an image is the derivative of the sum of all outputs with respect to it.

    Args:
        result: `jacobian` holds one row per image, (N, C * H * W).

    Returns:
        A number without unit, at most -N, which uncorrelated Jacobians reach; higher is better.

    Raises:
        InvalidScoreError: if the Jacobian of an image is constant, so that its correlations do not
            exist, or is not finite.

    Examples:
        The rows are uncorrelated, so both eigenvalues are 1.

        >>> import torch
        >>> from zc_bench.passes.input_jacobian import InputJacobian
        >>> rows = torch.tensor([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]])
        >>> round(jacov(InputJacobian(rows, labels=None, classes=10)), 6)
        -2.0

    References:
        Mellor et al. 2020, arXiv:2006.04647v1, eq. 2.

    Deviations:
        The matrix is symmetric and positive semi-definite. So the eigenvalues come from a symmetric
        solver in float64 and are cut off at 0. The authors' solver is a general one, and returns
        slightly negative or complex eigenvalues.
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
    # Rounding leaves a residue of about 1e-16 of its values in a constant row.
    constant = int((norms[:, 0] <= 1e-12 * rows.double().norm(dim=1)).sum())
    if constant:
        message = (
            f"the outputs do not depend on the image: {constant} of {len(rows)} rows of the "
            "Jacobian are constant"
        )
        raise InvalidScoreError(message)
    unit: torch.Tensor = centred / norms
    return unit @ unit.T
