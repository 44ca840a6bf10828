"""Norm of the gradients."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.loss_gradients import LossGradients


@proxy(
    "grad_norm", source="Abdelfattah et al. 2021, arXiv:2101.08134, section 3.1", uses_labels=True
)
def grad_norm(loss: LossGradients) -> float:
    """Sum over Conv2d and Linear layers of the Euclidean norm of dL/dw."""
    return sum(float(grad.norm()) for grad in loss.weight_grads)
