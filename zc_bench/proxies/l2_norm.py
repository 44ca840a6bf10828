"""Norm of the initial weights."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.weights import Weights


@proxy(
    "l2_norm",
    source="Abdelfattah et al. 2021, arXiv:2101.08134, section 3.1 (there: l2 norm of weights)",
)
def l2_norm(weights: Weights) -> float:
    """Sum over Conv2d and Linear layers of the Euclidean norm of the weights.

    Formula:

        score = sum_l ||W_l||

    W_l is the initial weight tensor of layer l. Biases and batch normalisation do not count.

    Args:
        weights: one tensor per layer, of any shape.

    Returns:
        A number in the unit of the weights, from 0 up; higher is better.

    Examples:
        The norms of (3, 4) and (1) are 5 and 1.

        >>> import torch
        >>> from zc_bench.passes.weights import Weights
        >>> l2_norm(Weights((torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0]]))))
        6.0

    References:
        Abdelfattah et al. 2021, arXiv:2101.08134, section 3.1.

    Deviations:
        The published scores for autoencoder and normal add the weights of a discriminator that is
        not part of the network.
    """
    return sum(float(weight.norm()) for weight in weights.weights)
