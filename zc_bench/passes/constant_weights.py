"""The outputs of a network whose weights are all the same number."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.passes.outputs import output_tensors
from zc_bench.passes.running import named_tensors, run_with
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.seeding import torch_seeded

CONSTANTS = (1e-7, 1.0)


@dataclass(frozen=True)
class ConstantWeights:
    """What a network returns with all its weights equal to one number, and then to another.

    Attributes:
        first: (N,), a number for each image, with all weights 10^-7 and all biases zero.
        second: the same with all weights 1.
    """

    first: Tensor
    second: Tensor


@shared_pass(reads={ConstantWeights: ("images", "batch_size", "seed")})
def constant_weights(trial: TrialInputs) -> ConstantWeights:
    """Run the batch with each constant in the place of every parameter that is no bias.

    Scales of normalisation have the constant, too. The outputs for an image are then the same for
    every class, and the first one is taken. Of outputs that are not (N, K) it is the sum.

    Raises:
        UndefinedScoreError: if the images are not the first dimension of the outputs.
    """
    first, second = (_outputs(trial, constant) for constant in CONSTANTS)
    return ConstantWeights(first, second)


def _outputs(trial: TrialInputs, constant: float) -> Tensor:
    parameters = {id(parameter) for parameter in trial.network.parameters()}
    copies: dict[int, Tensor] = {}
    state = {}
    for name, own in named_tensors(trial.network):
        if id(own) in parameters:
            value = torch.full_like(own, 0.0 if "bias" in name.rpartition(".")[2] else constant)
        else:
            value = own.clone()
        state[name] = copies.setdefault(id(own), value)
    device = trial.images.device
    with torch_seeded(trial.seed, "forward", device=device), torch.inference_mode():
        return _one_per_image(run_with(trial.network, state, trial.images.clone()), trial)


def _one_per_image(outputs: Any, trial: TrialInputs) -> Tensor:
    tensors = output_tensors(outputs)
    if any(tensor.shape[:1] != trial.images.shape[:1] for tensor in tensors):
        message = "the images are not the first dimension of what the network returns"
        raise UndefinedScoreError(message)
    if len(tensors) == 1 and tensors[0].dim() == 2:
        return tensors[0][:, 0]
    return torch.stack([tensor.reshape(len(tensor), -1).sum(1) for tensor in tensors]).sum(0)
