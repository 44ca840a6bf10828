"""Signed connection sensitivity."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.loss_gradients import LossGradients


@proxy(
    "plain",
    source="Abdelfattah et al. 2021, arXiv:2101.08134, code (measures/plain.py)",
    uses_labels=True,
)
def plain(loss: LossGradients) -> float:
    """Sum over Conv2d and Linear weights of w * dL/dw, with its sign."""
    pairs = zip(loss.weights, loss.weight_grads, strict=True)
    return sum(float((weight * grad).sum()) for weight, grad in pairs)
