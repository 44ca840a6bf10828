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

    H is the Hessian of the loss and g its gradient. Deviation: the batch runs forward once; the reference runs it
    twice, which produces the same numbers.
    """
    pairs = zip(hessian.weights, hessian.products, strict=True)
    return -sum(float((weight * product).sum()) for weight, product in pairs)
