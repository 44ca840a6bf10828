"""The gradients of the loss with their graph, for a second differentiation."""

from dataclasses import dataclass

from torch import Tensor

# PyTorch computes the gradients of these functions by another formula, with other last digits, if
# they have a graph.
_TWO_FORMULAS = ("SiluBackward", "MishBackward", "NativeGroupNormBackward")


@dataclass(frozen=True)
class GradientGraph:
    """Gradients of the task loss that can be differentiated again.

    Attributes:
        weights: one tensor per Conv2d/Linear weight, a leaf of the graph.
        weight_grads: dL/dw, same shapes, in the graph.
    """

    weights: tuple[Tensor, ...]
    weight_grads: tuple[Tensor, ...]


def changes_with_graph(value: Tensor) -> bool:
    """Return whether the gradients of a value have other last digits if they have a graph."""
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
