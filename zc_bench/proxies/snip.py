"""Connection sensitivity."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.loss_gradients import LossGradients


@proxy(
    "snip",
    source="Lee et al. 2019, arXiv:1810.02340, eq. 3-4, summed without normalisation",
    uses_labels=True,
)
def snip(loss: LossGradients) -> float:
    """Sum over Conv2d and Linear weights of |w * dL/dw|.

    The source multiplies every weight with a mask c of ones and takes |dL/dc|, which is the same number.
    """
    pairs = zip(loss.weights, loss.weight_grads, strict=True)
    return sum(float((weight * grad).abs().sum()) for weight, grad in pairs)
