"""How a network with Gaussian weights reacts to a perturbation of Gaussian inputs."""

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
        features: (N, ...), what enters the last global average pooling, or the last Conv2d/Linear layer where there is
            none, as in decoders.
        perturbed: the same for inputs that are perturbed by `PERTURBATION` times Gaussian noise.
        variances: per batch normalisation, (C,): the running variance that the two passes leave, starting at one.
    """

    features: Tensor
    perturbed: Tensor
    variances: tuple[Tensor, ...]


@shared_pass(reads={GaussianForward: ("batch_size", "seed")})
def gaussian_forward(trial: TrialInputs) -> GaussianForward:
    """Run N(0, 1) inputs of the images' shape, then the same inputs perturbed.

    Convolutions and linear layers have N(0, 1) weights and no biases, batch normalisation neither scales nor shifts.
    The network's own weights are not touched: it runs on others.

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
    """Copy buffers, but for the running statistics of batch normalisation: those start anew."""
    for prefix, module in network.named_modules():
        for name, buffer in module.named_buffers(recurse=False):
            fresh = isinstance(module, _BatchNorm) and name in ("running_mean", "running_var")
            value = (
                torch.full_like(buffer, float(name == "running_var")) if fresh else buffer.clone()
            )
            yield f"{prefix}.{name}" if prefix else name, value


def _features(network: nn.Module, state: dict[str, Tensor], images: Tensor) -> Tensor:
    """Run once; return what entered the last global average pooling or else the last weighted layer, or the outputs."""
    entered: list[Tensor] = []

    def keep(_module: nn.Module, inputs: tuple[Any, ...], _output: Tensor) -> None:
        entered[:] = inputs[:1]

    pools = [module for module in network.modules() if isinstance(module, nn.AdaptiveAvgPool2d)]
    with hooked(pools or weighted_layers(network), keep):
        outputs = run_with(network, state, images)
    return entered[0] if entered else output_tensors(outputs)[0]
