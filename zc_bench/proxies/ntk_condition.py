"""Condition number of the neural tangent kernel."""

import torch

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.tangent_kernel import TangentKernel


@proxy(
    "ntk_condition",
    source="Chen et al. 2021, TE-NAS, arXiv:2102.11535, section 3.1.1",
    higher_is_better=False,
)
def ntk_condition(tangents: TangentKernel) -> float:
    """Largest eigenvalue of the neural tangent kernel of the batch over its smallest one.

    Formula, with F_n the sum of the outputs for image n and w every parameter that is named a
    weight, scales of batch normalisation included:

        K_mn = sum_w dF_m/dw * dF_n/dw
        score = largest eigenvalue of K / smallest eigenvalue of K

    The network is in training mode: F_n depends on all images through batch normalisation.

    Args:
        tangents: `kernel` holds K, (N, N), symmetric.

    Returns:
        A ratio from 1 up, where a smaller one trains faster: lower is better. A single image has
        the ratio 1.

    Raises:
        InvalidScoreError: if K is not finite, or its smallest eigenvalue is within rounding of
            zero: at most N times the precision of float64 times the largest.

    Examples:
        The eigenvalues are 3 and 1.

        >>> import torch
        >>> from zc_bench.passes.tangent_kernel import TangentKernel
        >>> round(ntk_condition(TangentKernel(torch.tensor([[2.0, 1.0], [1.0, 2.0]]).double())), 9)
        3.0

    References:
        Chen, Gong and Wang 2021, TE-NAS, arXiv:2102.11535, section 3.1.1.

    Deviations:
        The authors draw new weights (Kaiming, by fan-out) in a reduced network of three cells; here
        the network and its weights are those of the benchmark, as where TE-NAS was compared with
        other proxies. The authors' search ranks changes of this number when an operation leaves a
        supernet, and adds ranks of `linear_regions`. Their kernel is in float32, where the smallest
        eigenvalue may be negative by rounding; a failure counts as 100,000.
    """
    if not torch.isfinite(tangents.kernel).all():
        message = "the gradients of the outputs are not finite"
        raise InvalidScoreError(message)
    eigenvalues = torch.linalg.eigvalsh(tangents.kernel.double())
    smallest, largest = float(eigenvalues[0]), float(eigenvalues[-1])
    if smallest <= len(eigenvalues) * torch.finfo(torch.float64).eps * largest:
        message = (
            "the smallest eigenvalue of the tangent kernel is zero within rounding: gradients of "
            "some images depend on each other"
        )
        raise InvalidScoreError(message)
    return largest / smallest
