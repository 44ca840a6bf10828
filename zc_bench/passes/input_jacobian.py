"""The derivative of the outputs with respect to the images, from one backward pass."""

from dataclasses import dataclass

import torch
from torch import Tensor

from zc_bench.engine.declare import shared_pass
from zc_bench.kernels.double_backward import without_weights
from zc_bench.passes.forward import Forward
from zc_bench.passes.outputs import expect_graph, output_tensors, total
from zc_bench.passes.trial_inputs import TrialInputs


@dataclass(frozen=True)
class InputJacobian:
    """The derivative of the summed outputs with respect to the images.

    Attributes:
        jacobian: (N, C * H * W), d(sum of all outputs)/d(image), one row per image. The sum goes
            over all tensors that the network returns.
        labels: the labels of the batch, for instance int64 (N,); or None.
        classes: K, the size of the last dimension of the outputs, or of the first tensor among
            several.
    """

    jacobian: Tensor
    labels: Tensor | None
    classes: int


@shared_pass
def input_jacobian(trial: TrialInputs, forward: Forward) -> InputJacobian:
    """Differentiate the sum of all outputs with respect to the images.

    Raises:
        UndefinedScoreError: if the inputs are integers.
        InvalidScoreError: if the network runs without gradients.
    """
    trial.expect_images("it differentiates with respect to the inputs")
    with torch.enable_grad():
        summed = total(forward.outputs)
    expect_graph(summed, "the outputs do not depend on the images")
    with without_weights():
        (jacobian,) = torch.autograd.grad(
            summed, forward.images, retain_graph=True, materialize_grads=True
        )
    return InputJacobian(
        jacobian.flatten(1), trial.labels, output_tensors(forward.outputs)[0].shape[-1]
    )
