"""The loss of a batch, or the reason why it has none."""

from typing import Any

import torch
from torch import Tensor

from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.passes.outputs import expect_graph
from zc_bench.passes.trial_inputs import TrialInputs


def batch_loss(trial: TrialInputs, outputs: Any, labels: Tensor | None) -> Tensor:
    """Compute the mean loss of a batch, with its graph.

    Args:
        trial: the trial whose loss function is called.
        outputs: what the network returned. The loss function receives it unchanged.
        labels: the labels of the batch.

    Returns:
        A scalar in the graph of the outputs.

    Raises:
        UndefinedScoreError: if the batch has no labels, or the loss does not take what the network
            returns.
        InvalidScoreError: if the loss does not depend on any weight.
    """
    if labels is None:
        message = "the loss needs labels and the batch has none"
        raise UndefinedScoreError(message)
    try:
        with torch.enable_grad():
            loss = trial.loss(outputs, labels)
    except (TypeError, AttributeError) as error:
        if isinstance(outputs, Tensor):
            raise
        kind = type(outputs).__name__
        message = (
            f"the network returns a {kind}, which the loss does not take: give a loss that does "
            f"({error})"
        )
        raise UndefinedScoreError(message) from error
    expect_graph(loss, "the loss does not depend on the weights")
    return loss
