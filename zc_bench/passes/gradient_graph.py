"""What is given to those who differentiate the gradients of the loss once more."""

from dataclasses import dataclass

from torch import Tensor

# PyTorch computes their gradients by another formula, with other last digits, where those will be differentiated.
_TWO_FORMULAS = ("SiluBackward", "MishBackward", "NativeGroupNormBackward")


@dataclass(frozen=True)
class GradientGraph:
    """Gradients of the task loss that can be differentiated again.

    Attributes:
        weights: one tensor per Conv2d/Linear weight, leaves of the graph.
        weight_grads: dL/dw, same shapes, in the graph.
    """

    weights: tuple[Tensor, ...]
    weight_grads: tuple[Tensor, ...]


def changes_with_graph(value: Tensor) -> bool:
    """Tell whether gradients of a value have other last digits where they will be differentiated again."""
    waiting, seen = [value.grad_fn], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        if type(node).__name__.startswith(_TWO_FORMULAS):
            return True
        seen.add(node)
        waiting.extend(before for before, _ in node.next_functions)
    return False
