"""The Hessian of the loss times its gradient, from one second backward pass."""

from dataclasses import dataclass

import torch
from torch import Tensor

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.passes.gradient_graph import GradientGraph


@dataclass(frozen=True)
class HessianGradient:
    """The product of the loss's Hessian with its gradient.

    Attributes:
        weights: one tensor per Conv2d/Linear weight.
        products: H g, same shapes: H is the Hessian of the mean loss of the batch, g its gradient.
    """

    weights: tuple[Tensor, ...]
    products: tuple[Tensor, ...]


@shared_pass
def hessian_gradient(gradients: GradientGraph) -> HessianGradient:
    """Differentiate the scalar product of the gradient and its own value: H g = d(g . const(g))/dw.

    Raises:
        UndefinedScoreError: if PyTorch cannot differentiate an operation of the network twice.
    """
    with torch.enable_grad():
        square = torch.stack(
            [(grad.detach() * grad).sum() for grad in gradients.weight_grads]
        ).sum()
    try:
        products = torch.autograd.grad(
            square, gradients.weights, retain_graph=True, materialize_grads=True
        )
    except RuntimeError as error:
        if "is not implemented" not in str(error):
            raise
        message = f"PyTorch cannot differentiate the network twice: {error}"
        raise UndefinedScoreError(message) from error
    return HessianGradient(tuple(weight.detach() for weight in gradients.weights), products)
