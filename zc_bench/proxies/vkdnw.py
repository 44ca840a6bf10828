"""Variance of knowledge of deep network weights."""

import torch
from torch import Tensor

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.logit_jacobian import LogitJacobian

_SMOOTHING = 0.05
_TINY = 1e-10


@proxy(
    "vkdnw",
    source="Tybl and Neumann 2025, VKDNW, arXiv:2502.04975, eq. 8-12, as the authors' code",
)
def vkdnw(derivatives: LogitJacobian) -> float:
    """Number of parameter tensors plus the entropy of the Fisher information's spectrum.

    Formula, with J_n (K, T) the derivatives of the logits of noise image n with respect to the
    first values of the first T = 128 parameter tensors, p_n = 0.95 softmax + 0.05 / K, and L_n the
    lower Cholesky factor of diag(p_n) - p_n p_n^T:

        F = mean_n (L_n J_n)^T (L_n J_n)
        q = the quantiles 0.1, 0.2, ..., 0.9 of the T singular values of F;  r = q / (sum q + 1e-10)
        score = (number of parameter tensors) - sum_i r_i ln(r_i + 1e-10)

    Inputs are N(0, 1). Weights are Kaiming's, drawn anew. Batch normalisation is in evaluation
    mode with mean 0, variance 1.

    Args:
        derivatives: `logits` (N, K); `jacobian` holds J_n, (N, K, T); `tensors` is the number of
            parameter tensors.

    Returns:
        A number from `tensors` to `tensors` + ln 9 = `tensors` + 2.197; higher is better. Where no
        derivative differs from zero, the entropy is 0.

    Raises:
        InvalidScoreError: if the derivatives are not finite, or there is no parameter.

    Examples:
        Two parameters move two logits alike, each in its own image: the singular values of F are
        equal, and so are their nine quantiles.

        >>> import torch
        >>> from zc_bench.passes.logit_jacobian import LogitJacobian
        >>> jacobian = torch.zeros(2, 2, 2)
        >>> jacobian[0, :, 0] = jacobian[1, :, 1] = torch.tensor([1.0, -1.0])
        >>> round(vkdnw(LogitJacobian(torch.zeros(2, 2), jacobian, tensors=2)), 6)
        4.197225

    References:
        Tybl and Neumann 2025, arXiv:2502.04975, eq. 8-12.

    Deviations:
        The Fisher information is J^T L L^T J. The authors' code multiplies J by L instead of its
        transpose; so does this one, as the published numbers do. The code ranks by the number of
        tensors first and by the entropy second, which is the same order where numbers of tensors
        differ by three or more. It takes 64 images, zc-bench as many as the batch has. The code
        holds 0.05 in half precision, and F in single precision; here they are in double precision.
    """
    logits, jacobian = derivatives.logits.double(), derivatives.jacobian.double()
    if not jacobian.numel():
        message = "the network has no parameters"
        raise InvalidScoreError(message)
    if not torch.isfinite(jacobian).all() or not torch.isfinite(logits).all():
        message = "the derivatives of the logits are not finite"
        raise InvalidScoreError(message)
    rows = cholesky(probabilities(logits)) @ jacobian
    roots = torch.linalg.svdvals(rows.flatten(0, 1) / len(logits) ** 0.5)
    spectrum = torch.zeros(jacobian.shape[2], dtype=torch.float64, device=roots.device)
    spectrum[: len(roots)] = roots.square()
    tenths = torch.arange(1, 10, dtype=torch.float64, device=roots.device) / 10
    quantiles = torch.quantile(spectrum, tenths)
    shares = quantiles / (quantiles.sum() + _TINY)
    return derivatives.tensors - float((shares * (shares + _TINY).log()).sum())


def probabilities(logits: Tensor) -> Tensor:
    """Return the softmax of logits (N, K), smoothed."""
    return logits.softmax(1) * (1 - _SMOOTHING) + _SMOOTHING / logits.shape[1]


def cholesky(shares: Tensor) -> Tensor:
    """Factor diag(p) - p p^T, which is singular, in closed form.

    Args:
        shares: p, (N, K), positive rows that sum to one.

    Returns:
        Lower triangular (N, K, K), whose product with its transpose is that matrix.

    Examples:
        >>> import torch
        >>> p = torch.tensor([[0.5, 0.3, 0.2]], dtype=torch.float64)
        >>> factor = cholesky(p)[0]
        >>> torch.allclose(factor @ factor.T, torch.diag(p[0]) - p[0, :, None] * p[0])
        True
    """
    # What is left of one after the first j shares, and after those and the next.
    before = shares.flip(1).cumsum(1).flip(1)
    after = torch.cat([before[:, 1:], torch.zeros_like(before[:, :1])], 1)
    diagonal = (shares * after / before).sqrt()
    below = (shares / (before * after)).sqrt()
    # Nothing is below the last diagonal element, where nothing is left.
    below[:, -1] = 0
    product = -shares[:, :, None] * below[:, None, :]
    return product.tril(-1) + torch.diag_embed(diagonal)
