"""The gradients of the loss on two batches."""

from dataclasses import dataclass

import torch
from torch import Tensor

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.passes.batch_loss import batch_loss
from zc_bench.passes.loss_gradients import LossGradients
from zc_bench.passes.running import run
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.passes.weights import Weights


@dataclass(frozen=True)
class BatchGradients:
    """Gradients of the task loss on two batches.

    Attributes:
        first: dL/dw on the trial's batch, one tensor per Conv2d/Linear weight, in its shape. L is
            the mean loss of the batch.
        second: dL/dw on the trial's second batch, same shapes.
    """

    first: tuple[Tensor, ...]
    second: tuple[Tensor, ...]


@shared_pass
def batch_gradients(trial: TrialInputs, loss: LossGradients, weights: Weights) -> BatchGradients:
    """Run and differentiate the second batch; `LossGradients` holds the gradients of the first.

    Raises:
        UndefinedScoreError: if the trial has no second batch, or this batch has no labels.
        InvalidScoreError: if the loss of the second batch does not depend on any weight.
    """
    if trial.second is None:
        message = "it compares the gradients of two batches and there is only one"
        raise UndefinedScoreError(message)
    with torch.enable_grad():
        outputs = run(trial, trial.second.images)
    second = torch.autograd.grad(
        batch_loss(trial, outputs, trial.second.labels), weights.leaves(), materialize_grads=True
    )
    return BatchGradients(loss.weight_grads, second)
