"""The signs of the gradients of single images, added up."""

from dataclasses import dataclass

import torch
from torch import Tensor

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.passes.batch_loss import batch_loss
from zc_bench.passes.running import run_alone
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.passes.weights import Weights


@dataclass(frozen=True)
class GradientSigns:
    """Signs of the gradients of the task loss, each image in a batch of its own.

    Attributes:
        sums: per Conv2d/Linear weight, in its shape: the sum over the images of the sign of dL/dw.
            A gradient of zero has the sign 0.
    """

    sums: tuple[Tensor, ...]


@shared_pass(differentiates=True)
def gradient_signs(trial: TrialInputs, weights: Weights) -> GradientSigns:
    """Run and differentiate one image after the other; keep the running sum of signs only.

    Batch normalisation uses the statistics of the one image.

    Raises:
        UndefinedScoreError: if the batch has no labels, or the loss does not take what the network
            returns.
        InvalidScoreError: if the network has no weights to differentiate, or some batch
            normalisation has one value per channel of an image.
    """
    leaves = weights.leaves()
    sums = tuple(torch.zeros_like(leaf, requires_grad=False) for leaf in leaves)
    for place in range(len(trial.images)):
        grads = _gradients(trial, slice(place, place + 1), leaves)
        for total, grad in zip(sums, grads, strict=True):
            total += grad.sign()
            total += 0 * grad.sum()  # the sign of NaN is 0; NaN must stay
    return GradientSigns(sums)


def _gradients(trial: TrialInputs, image: slice, leaves: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Differentiate the loss of one image."""
    if trial.labels is None:
        message = "the loss needs labels and the batch has none"
        raise UndefinedScoreError(message)
    with torch.enable_grad():
        outputs = run_alone(trial, trial.images[image])
    loss = batch_loss(trial, outputs, trial.labels[image])
    return torch.autograd.grad(loss, leaves, materialize_grads=True)
