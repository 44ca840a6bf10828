"""What is given to those who differentiate the gradients of the loss once more."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class GradientGraph:
    """Gradients of the task loss that can be differentiated again.

    Attributes:
        weights: one tensor per Conv2d/Linear weight, leaves of the graph.
        weight_grads: dL/dw, same shapes, in the graph.
    """

    weights: tuple[Tensor, ...]
    weight_grads: tuple[Tensor, ...]
