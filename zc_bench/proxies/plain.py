"""Signed connection sensitivity."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.loss_gradients import LossGradients


@proxy(
    "plain",
    source="Abdelfattah et al. 2021, arXiv:2101.08134, code (measures/plain.py)",
    uses_labels=True,
)
def plain(loss: LossGradients) -> float:
    """Sum over Conv2d and Linear weights of w * dL/dw, with its sign.

    Formula:

        score = sum_w w * dL/dw

    L is the mean loss of the batch.

    Args:
        loss: `weights` and `weight_grads` hold w and dL/dw, one tensor per layer, in equal shapes.

    Returns:
        A number in the unit of the loss, of either sign; higher is better.

    Examples:
        2 * 3 + (-1) * 4 = 2.

        >>> import torch
        >>> from zc_bench.passes.loss_gradients import LossGradients
        >>> weights, grads = (torch.tensor([[2.0, -1.0]]),), (torch.tensor([[3.0, 4.0]]),)
        >>> plain(LossGradients(weights, grads))
        2.0

    References:
        Abdelfattah et al. 2021, arXiv:2101.08134, code (measures/plain.py).

    Deviations:
        None known.
    """
    pairs = zip(loss.weights, loss.weight_grads, strict=True)
    return sum(float((weight * grad).sum()) for weight, grad in pairs)
