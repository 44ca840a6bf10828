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

    Formula:

        score = sum_w |w * dL/dw|

    L is the mean loss of the batch. The paper multiplies every weight by a mask c = 1 and takes
    |dL/dc|, which is the same number.

    Args:
        loss: `weights` and `weight_grads` hold w and dL/dw, one tensor per layer, in equal shapes.

    Returns:
        A number in the unit of the loss, from 0 up; higher is better.

    Examples:
        |2 * 3| + |-1 * 4| = 10.

        >>> import torch
        >>> from zc_bench.passes.loss_gradients import LossGradients
        >>> weights, grads = (torch.tensor([[2.0, -1.0]]),), (torch.tensor([[3.0, 4.0]]),)
        >>> snip(LossGradients(weights, grads))
        10.0

    References:
        Lee et al. 2019, SNIP, arXiv:1810.02340, eq. 3-4.

    Deviations:
        The paper divides every term by the sum of all terms. The sum would then be 1 for every
        network, so there is no division here, nor in NAS-Bench-Suite-Zero.
    """
    pairs = zip(loss.weights, loss.weight_grads, strict=True)
    return sum(float((weight * grad).abs().sum()) for weight, grad in pairs)
