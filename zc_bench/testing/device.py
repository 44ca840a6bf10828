"""Moving a trial to a GPU."""

from dataclasses import replace
from unittest import SkipTest

import torch
from torch import Tensor

from zc_bench.passes.trial_inputs import TrialInputs


def on_gpu(trial: TrialInputs) -> TrialInputs:
    """Move a trial, its network included, to the GPU.

    Raises:
        SkipTest: if there is no GPU.
    """
    if not torch.cuda.is_available():
        message = "there is no GPU here"
        raise SkipTest(message)
    second = trial.second
    return replace(
        trial,
        network=trial.network.cuda(),
        images=trial.images.cuda(),
        labels=None if trial.labels is None else trial.labels.cuda(),
        second=None if second is None else second.map(Tensor.cuda),
    )
