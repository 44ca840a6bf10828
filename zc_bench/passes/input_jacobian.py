"""How the outputs depend on the images, in one backward pass."""

from dataclasses import dataclass

import torch
from torch import Tensor

from zc_bench.kernels.double_backward import without_weights
from zc_bench.observe import shared_pass
from zc_bench.passes.forward import Forward
from zc_bench.passes.trial import Trial


@dataclass(frozen=True)
class InputJacobian:
    """The derivative of the summed outputs with respect to the images.

    Attributes:
        jacobian: (N, C * H * W), d(sum of all outputs)/d(image), one row per image.
        labels: (N,) classes, or None.
        classes: K, the size of the outputs' last dimension.
    """

    jacobian: Tensor
    labels: Tensor | None
    classes: int


@shared_pass
def input_jacobian(trial: Trial, forward: Forward) -> InputJacobian:
    """Differentiate the sum of all outputs with respect to the images."""
    with torch.enable_grad():
        total = forward.outputs.sum()
    with without_weights():
        (jacobian,) = torch.autograd.grad(total, forward.images, retain_graph=True, materialize_grads=True)
    return InputJacobian(jacobian.flatten(1), trial.labels, forward.outputs.shape[-1])
