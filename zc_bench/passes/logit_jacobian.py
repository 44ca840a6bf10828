"""The derivatives of the logits with respect to one value of each parameter tensor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from zc_bench._internal.gaussian import gaussian_parameters, randn_like
from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.passes.gaussian_forward import fresh_buffers
from zc_bench.passes.operations import only_modules
from zc_bench.passes.running import hooked, run_with, tangents_allowed, training_mode
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.passes.weights import weights as read_weights
from zc_bench.seeding import torch_seeded

FIRST = 128  # parameter tensors

Columns = Mapping[nn.Module, Mapping[str, int]]


@dataclass(frozen=True)
class LogitJacobian:
    """The logits of Gaussian inputs, and their derivatives, in a network with Kaiming's weights.

    Attributes:
        logits: (N, K).
        jacobian: (N, K, T), the derivatives with respect to the first value of each of the first T
            parameter tensors; T is at most `FIRST`.
        tensors: the number of all parameter tensors.
    """

    logits: Tensor
    jacobian: Tensor
    tensors: int


@shared_pass(reads={LogitJacobian: ("batch_size", "seed")}, differentiates=True)
def logit_jacobian(trial: TrialInputs) -> LogitJacobian:
    """Differentiate the logits of N(0, 1) inputs in the shape of the images.

    Weights of Conv2d and Linear layers are drawn from N(0, 2 / fan-in); biases are zero. Batch
    normalisation is in evaluation mode with mean 0, variance 1, scale 1 and shift 0, so no image
    depends on another: one backward pass per logit serves all images, and of the gradients of a
    layer only those of one channel are computed. Where a parameter belongs to another kind of
    module, or there are many logits, there is one forward pass with tangents per parameter.

    Raises:
        UndefinedScoreError: if the inputs are integers, the outputs are no logits, or some batch
            normalisation has no running statistics.
        InvalidScoreError: if a weight is computed from others.
    """
    trial.expect_images("it sends Gaussian noise through the network")
    network = trial.network
    if any(isinstance(item, _BatchNorm) and item.running_var is None for item in network.modules()):
        message = "it sets the running statistics of batch normalisation, and one here has none"
        raise UndefinedScoreError(message)
    weights = read_weights(trial)
    weights.expect_parameters()
    named = list(network.named_parameters())
    chosen = [parameter for _, parameter in named[:FIRST]]
    with (
        torch_seeded(trial.seed, "logit jacobian", device=trial.images.device),
        training_mode(network, training=False),
    ):
        drawn = gaussian_parameters(network, weights.of_functions, weights.biases, kaiming=True)
        state = dict([*drawn, *fresh_buffers(network)])
        images = randn_like(trial.images, on_cpu=True)
        with torch.no_grad():
            logits = _logits(trial, run_with(network, state, images.clone()))
        columns = _columns(network, chosen)
        few = logits.shape[1] <= 2 * len(chosen)
        jacobian = _backward(network, state, images, columns) if few and columns else None
        if jacobian is None:
            jacobian = _with_tangents(network, state, images, chosen)
    return LogitJacobian(logits, jacobian, len(named))


def _logits(trial: TrialInputs, outputs: Any) -> Tensor:
    """Refuse outputs that are no logits of classes."""
    labels, images = trial.labels, len(trial.images)
    if not isinstance(outputs, Tensor) or outputs.dim() != 2 or len(outputs) != images:
        message = "it takes the outputs as logits of classes, (N, K), and they have another form"
        raise UndefinedScoreError(message)
    if labels is not None and labels.is_floating_point() and not _are_distributions(labels):
        message = "it takes the outputs as logits of classes, and the labels are values"
        raise UndefinedScoreError(message)
    return outputs.detach()


def _are_distributions(labels: Tensor) -> bool:
    sums = labels.flatten(1).sum(1)
    return bool((labels >= 0).all()) and torch.allclose(sums, torch.ones_like(sums), atol=1e-4)


def _columns(network: nn.Module, chosen: Sequence[Tensor]) -> Columns:
    """Map layers to their parameters' places in the Jacobian; empty if one has no rule here."""
    places = {id(parameter): place for place, parameter in enumerate(chosen)}
    columns = {
        module: {
            name: places[id(parameter)]
            for name, parameter in module.named_parameters(recurse=False)
            if id(parameter) in places
        }
        for module in network.modules()
    }
    owners = {module: own for module, own in columns.items() if own}
    return owners if only_modules(network) and all(map(_has_rule, owners)) else {}


def _has_rule(module: nn.Module) -> bool:
    if isinstance(module, nn.Conv2d):
        return module.padding_mode == "zeros"
    return isinstance(module, nn.Linear | nn.BatchNorm2d)


def _backward(
    network: nn.Module, state: Mapping[str, Tensor], images: Tensor, columns: Columns
) -> Tensor | None:
    """Differentiate each logit, summed over the images; None if a layer ignores the images."""
    collector = _Collector(columns)
    leaf = images.clone().requires_grad_()
    with torch.enable_grad():
        with hooked(columns, collector):
            logits = run_with(network, state, leaf.clone())
        sums = logits.sum(0)
    if collector.unreached or not sums.requires_grad:
        return None
    rows = []
    for value in sums:
        collector.sums = images.new_zeros(1 + max(map(max, _places(columns))), len(images))
        torch.autograd.grad(value, leaf, retain_graph=True, allow_unused=True)
        rows.append(collector.sums)
    return torch.stack(rows).permute(2, 0, 1)


def _places(columns: Columns) -> list[list[int]]:
    return [list(own.values()) for own in columns.values()]


class _Collector:
    """Sums, per image, the derivatives with respect to the first values of parameters.

    Attributes:
        sums: (T, N), filled by a backward pass.
        unreached: whether the output of some layer does not depend on the images.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.sums = torch.empty(0)
        self.unreached = False

    def __call__(self, module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
        """Hook: watch the gradient of one call of a layer."""
        if not output.requires_grad:
            self.unreached = True
            return
        for name, place in self._columns[module].items():
            effect = _effect(module, name, inputs[0].detach(), output.detach())
            output.register_hook(  # type: ignore[no-untyped-call]
                partial(self._add, place, effect, isinstance(module, nn.Linear))
            )

    def _add(self, place: int, effect: Tensor | None, channels_last: bool, grad: Tensor) -> None:
        first = grad[..., 0] if channels_last else grad[:, 0]
        product = first if effect is None else first * effect
        self.sums[place] += product.reshape(len(product), -1).sum(1)


def _effect(module: nn.Module, name: str, entered: Tensor, output: Tensor) -> Tensor | None:
    """Differentiate the first channel of a layer's output; None stands for ones."""
    if name == "bias":
        return None
    if isinstance(module, nn.Linear):
        return entered[..., 0]
    if isinstance(module, nn.Conv2d):
        corner = entered.new_zeros(1, 1, *module.kernel_size)
        corner[0, 0, 0, 0] = 1
        geometry: tuple[Any, ...] = module.stride, module.padding, module.dilation
        return functional.conv2d(entered[:, :1], corner, None, *geometry)[:, 0]
    # Scale 1 and shift 0: the output is what the scale multiplies. A ReLU may write over it.
    return output[:, 0].clone()


def _with_tangents(
    network: nn.Module, state: Mapping[str, Tensor], images: Tensor, chosen: Sequence[Tensor]
) -> Tensor:
    """Send the tangent of one parameter after the other through the network."""
    names: dict[int, list[str]] = {}
    for name, parameter in network.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(name)
    columns = []
    for own in (names[id(parameter)] for parameter in chosen):
        value = state[own[0]]
        direction = torch.zeros_like(value)
        direction[(0,) * value.dim()] = 1
        with tangents_allowed(), torch.no_grad(), forward_ad.dual_level():
            dual = forward_ad.make_dual(value, direction)  # type: ignore[no-untyped-call]
            outputs = run_with(network, {**state, **dict.fromkeys(own, dual)}, images.clone())
            primal, tangent = forward_ad.unpack_dual(outputs)  # type: ignore[no-untyped-call]
            columns.append(torch.zeros_like(primal) if tangent is None else tangent.clone())
    return torch.stack(columns, 2) if columns else images.new_zeros(len(images), 1, 0)
