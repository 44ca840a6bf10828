"""The Hessian of the loss times its gradient, in one double backward pass."""

from dataclasses import dataclass

import torch
from torch import Tensor

from zc_bench.observe import shared_pass
from zc_bench.passes.gradient_graph import GradientGraph


@dataclass(frozen=True)
class HessianGradient:
    """The product of the loss's Hessian with its gradient.

    Attributes:
        weights: one tensor per Conv2d/Linear weight.
        products: H g, same shapes.
    """

    weights: tuple[Tensor, ...]
    products: tuple[Tensor, ...]


@shared_pass
def hessian_gradient(gradients: GradientGraph) -> HessianGradient:
    """Differentiate the scalar product of the gradient with its own value."""
    with torch.enable_grad():
        square = torch.stack([(grad.detach() * grad).sum() for grad in gradients.weight_grads]).sum()
    products = torch.autograd.grad(square, gradients.weights, retain_graph=True, materialize_grads=True)
    return HessianGradient(tuple(weight.detach() for weight in gradients.weights), products)
