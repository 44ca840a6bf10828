"""The features of a network with Gaussian weights, for Gaussian inputs and perturbed ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from zc_bench._internal.gaussian import gaussian_parameters, randn_like
from zc_bench.engine.declare import shared_pass
from zc_bench.passes.layers import weighted_layers
from zc_bench.passes.outputs import output_tensors
from zc_bench.passes.running import hooked, run_with
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.seeding import torch_seeded

PERTURBATION = 1e-2


@dataclass(frozen=True)
class GaussianForward:
    """Two forward passes with Gaussian weights.

    Attributes:
        features: (N, ...), the input of the last global average pooling. A network without one,
            such as a decoder: the input of the last Conv2d/Linear layer.
        perturbed: the same for inputs plus `PERTURBATION` times N(0, 1) noise.
        variances: per batch normalisation, (C,): its running variance after both forward passes,
            which starts at one.
    """

    features: Tensor
    perturbed: Tensor
    variances: tuple[Tensor, ...]


@shared_pass(reads={GaussianForward: ("batch_size", "seed")})
def gaussian_forward(trial: TrialInputs) -> GaussianForward:
    """Run N(0, 1) inputs in the shape of the images, then the same inputs perturbed.

    Conv2d and Linear layers have N(0, 1) weights and zero biases. Batch normalisation has scale 1
    and shift 0. The weights of the network itself do not change.

    Raises:
        UndefinedScoreError: if the inputs are integers.
    """
    trial.expect_images("it sends Gaussian noise through the network")
    with (
        torch_seeded(trial.seed, "gaussian forward", device=trial.images.device),
        torch.inference_mode(),
    ):
        state = dict([*gaussian_parameters(trial.network), *_fresh_buffers(trial.network)])
        inputs = randn_like(trial.images)
        shifted = inputs + PERTURBATION * randn_like(trial.images)
        features, perturbed = (
            _features(trial.network, state, images) for images in (inputs, shifted)
        )
    running = [
        name for name, module in trial.network.named_modules() if isinstance(module, _BatchNorm)
    ]
    variances = (state.get(f"{name}.running_var") for name in running)
    return GaussianForward(
        features, perturbed, tuple(item for item in variances if item is not None)
    )


def _fresh_buffers(network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Copy the buffers; running statistics of batch normalisation start at mean 0, variance 1."""
    for prefix, module in network.named_modules():
        for name, buffer in module.named_buffers(recurse=False):
            fresh = isinstance(module, _BatchNorm) and name in ("running_mean", "running_var")
            value = (
                torch.full_like(buffer, float(name == "running_var")) if fresh else buffer.clone()
            )
            yield f"{prefix}.{name}" if prefix else name, value


def _features(network: nn.Module, state: dict[str, Tensor], images: Tensor) -> Tensor:
    """Run once; return the features that `GaussianForward` describes, else the outputs."""
    entered: list[Tensor] = []

    def keep(_module: nn.Module, inputs: tuple[Any, ...], _output: Tensor) -> None:
        entered[:] = inputs[:1]

    pools = [module for module in network.modules() if isinstance(module, nn.AdaptiveAvgPool2d)]
    with hooked(pools or weighted_layers(network), keep):
        outputs = run_with(network, state, images)
    return entered[0] if entered else output_tensors(outputs)[0]
