"""Norm of the gradients."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.loss_gradients import LossGradients


@proxy(
    "grad_norm", source="Abdelfattah et al. 2021, arXiv:2101.08134, section 3.1", uses_labels=True
)
def grad_norm(loss: LossGradients) -> float:
    """Sum over Conv2d and Linear layers of the Euclidean norm of dL/dw.

    Formula:

        score = sum_l ||dL/dW_l||

    L is the mean loss of the batch, W_l the weight tensor of layer l.

    Args:
        loss: `weight_grads` holds dL/dW_l, one tensor per layer, in the shape of W_l.

    Returns:
        A number in loss / weight, from 0 up; higher is better.

    Examples:
        The norms of (3, 4) and (1) are 5 and 1.

        >>> import torch
        >>> from zc_bench.passes.loss_gradients import LossGradients
        >>> grads = torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0]])
        >>> grad_norm(LossGradients(weights=grads, weight_grads=grads))
        6.0

    References:
        Abdelfattah et al. 2021, arXiv:2101.08134, section 3.1.

    Deviations:
        None known.
    """
    return sum(float(grad.norm()) for grad in loss.weight_grads)
