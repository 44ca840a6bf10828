"""Gradient signal preservation."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.hessian_gradient import HessianGradient


@proxy(
    "grasp",
    source="Wang et al. 2020, arXiv:2002.07376, eq. 8, with the sign of Abdelfattah et al. 2021, arXiv:2101.08134",
    uses_labels=True,
)
def grasp(hessian: HessianGradient) -> float:
    """Minus the sum over Conv2d and Linear weights of w * Hg.

    Formula:

        score = - sum_w w * (H g)_w

    g is the gradient of the mean loss of the batch, H its Hessian.

    Args:
        hessian: `weights` and `products` hold w and H g, one tensor per layer, in equal shapes.

    Returns:
        A number of either sign, in (loss / weight)^2; higher is better.

    Examples:
        -(2 * 3 + 1 * (-1)) = -5.

        >>> import torch
        >>> from zc_bench.passes.hessian_gradient import HessianGradient
        >>> weights, products = (torch.tensor([[2.0, 1.0]]),), (torch.tensor([[3.0, -1.0]]),)
        >>> grasp(HessianGradient(weights, products))
        -5.0

    References:
        Wang et al. 2020, GraSP, arXiv:2002.07376, eq. 8. Direction: Abdelfattah et al. 2021,
        arXiv:2101.08134.

    Deviations:
        The authors of GraSP remove the weights with the highest scores, and divide the outputs by
        200 before the loss. As in NAS-Bench-Suite-Zero, a higher sum is better and nothing is
        divided. NAS-Bench-Suite-Zero runs the batch forward twice, which yields the same numbers.
    """
    pairs = zip(hessian.weights, hessian.products, strict=True)
    return -sum(float((weight * product).sum()) for weight, product in pairs)
