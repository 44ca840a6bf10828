"""The features of a network with Gaussian weights, for Gaussian inputs and perturbed ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from zc_bench._internal.gaussian import gaussian_parameters, randn_like
from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.passes.layers import weighted_layers
from zc_bench.passes.multiply_adds import RECURRENT
from zc_bench.passes.operations import Operations, only_modules
from zc_bench.passes.outputs import output_tensors
from zc_bench.passes.products import factors, memory_of
from zc_bench.passes.running import hooked, named_tensors, run_with
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.passes.weights import Weights
from zc_bench.passes.weights import weights as read_weights
from zc_bench.seeding import torch_seeded

PERTURBATION = 1e-2
_NO_VARIANCE = (
    "it reads the running variances of batch normalisation, and one here has none in a module of "
    "torch's"
)


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
        UndefinedScoreError: if the inputs are integers, or some batch normalisation has no running
            variance to read.
        InvalidScoreError: if a weight is computed from others.
    """
    trial.expect_images("it sends Gaussian noise through the network")
    # Which parameters are weights, not their values: the score does not depend on these.
    weights = read_weights(trial)
    weights.expect_parameters()
    with (
        torch_seeded(trial.seed, "gaussian forward", device=trial.images.device),
        torch.inference_mode(),
    ):
        drawn = gaussian_parameters(trial.network, weights.of_functions, weights.biases)
        state = dict([*drawn, *fresh_buffers(trial.network)])
        inputs = randn_like(trial.images)
        shifted = inputs + PERTURBATION * randn_like(trial.images)
        features, perturbed = (
            _features(trial.network, weights, state, images) for images in (inputs, shifted)
        )
    running = [
        name for name, module in trial.network.named_modules() if isinstance(module, _BatchNorm)
    ]
    keys = [f"{name}.running_var" if name else "running_var" for name in running]
    if not state.keys() >= set(keys):
        raise UndefinedScoreError(_NO_VARIANCE)
    return GaussianForward(features, perturbed, tuple(state[key] for key in keys))


def fresh_buffers(network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Copy the buffers; running statistics of batch normalisation start at mean 0, variance 1."""
    for prefix, module in network.named_modules():
        for name, buffer in module.named_buffers(recurse=False):
            fresh = isinstance(module, _BatchNorm) and name in ("running_mean", "running_var")
            value = (
                torch.full_like(buffer, float(name == "running_var")) if fresh else buffer.clone()
            )
            yield f"{prefix}.{name}" if prefix else name, value


def _features(
    network: nn.Module, weights: Weights, state: dict[str, Tensor], images: Tensor
) -> Tensor:
    """Run once; return the features that `GaussianForward` describes, else the outputs."""
    entered: list[Tensor] = []

    def keep(_module: nn.Module, inputs: tuple[Any, ...], _output: Tensor) -> None:
        entered[:] = inputs[:1]

    if only_modules(network):
        pools = [module for module in network.modules() if isinstance(module, nn.AdaptiveAvgPool2d)]
        with hooked(pools or weighted_layers(network), keep):
            outputs = run_with(network, state, images)
    else:
        entrances = _Entrances(network, weights, state)
        with entrances:
            outputs = run_with(network, state, images)
        if entrances.unseen:
            raise UndefinedScoreError(entrances.unseen)
        entered = (entrances.pooled or entrances.weighted)[-1:]
    return entered[0] if entered else output_tensors(outputs)[0]


class _Entrances(Operations):
    """Keeps what enters poolings and weighted layers, in modules and functions, the last of each.

    Attributes:
        pooled: what entered the last global average pooling.
        weighted: what the last weights were multiplied with.
    """

    whole = frozenset({"adaptive_avg_pool2d", "batch_norm", "linear", *RECURRENT})

    def __init__(self, network: nn.Module, weights: Weights, state: dict[str, Tensor]) -> None:
        super().__init__()
        self.pooled: list[Tensor] = []
        self.weighted: list[Tensor] = []
        named = dict(named_tensors(network))
        requested = {id(weight) for weight in weights.parameters}
        self._weights = {
            memory_of(state[name]) for name, tensor in named.items() if id(tensor) in requested
        }
        norms = [name for name, module in network.named_modules() if isinstance(module, _BatchNorm)]
        keys = [f"{name}.running_var" if name else "running_var" for name in norms]
        self._variances = {memory_of(state[key]) for key in keys if key in state}

    def after(self, name: str, args: tuple[Any, ...], _output: Any, /) -> None:
        """Keep what enters."""
        if name == "adaptive_avg_pool2d":
            self.pooled = [args[0]]
        elif "batch_norm" in name:
            known = any(
                isinstance(item, Tensor) and memory_of(item) in self._variances for item in args
            )
            self.unseen = self.unseen or ("" if known else _NO_VARIANCE)
        else:
            self._keep(name, args)

    def _keep(self, name: str, args: tuple[Any, ...]) -> None:
        multiplied, _ = factors(name, args)
        others = [item for item in multiplied if memory_of(item) not in self._weights]
        if len(others) < len(multiplied):
            self.weighted = [*others, args[0]][:1]
