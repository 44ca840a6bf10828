"""The gradients of the task loss, from one backward pass."""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from zc_bench.engine.declare import Requested, shared_pass
from zc_bench.passes.batch_loss import batch_loss
from zc_bench.passes.forward import Forward, LayerOutput
from zc_bench.passes.gradient_graph import GradientGraph, changes_with_graph
from zc_bench.passes.layers import WeightedLayer
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.passes.weights import Weights


@dataclass(frozen=True)
class LossGradients:
    """Gradients of the task loss with respect to the weights.

    Attributes:
        weights: one tensor per Conv2d/Linear weight. A weight that several layers share appears
            once.
        weight_grads: dL/dw, same shapes: L is the mean loss of the batch. Zero where the loss does
            not depend on a weight.
    """

    weights: tuple[Tensor, ...]
    weight_grads: tuple[Tensor, ...]


@dataclass(frozen=True)
class ChannelGradients:
    """Gradients of the task loss with respect to gates of value one on Conv2d/Linear channels.

    Attributes:
        gate_grads: per layer (N, C): the sum of a * dL/da over positions and over repeated calls of
            the layer. a is the output of the layer, before batch normalisation. A layer that the
            loss does not depend on has no entry.
        fan_in: per layer, the number of weights of one channel.
        lost: whether the network wrote over one of these outputs, so that the gradient belongs to
            another value.
        unseen: why some outputs may be missing; empty where none are.
    """

    gate_grads: tuple[Tensor, ...]
    fan_in: tuple[int, ...]
    lost: bool = False
    unseen: str = ""


@shared_pass
def loss_gradients(
    trial: TrialInputs, forward: Forward, weights: Weights, requested: Requested
) -> tuple[LossGradients | None, ChannelGradients | None, GradientGraph | None]:
    """Differentiate the mean loss of the batch.

    Gradients of channels, and the graph of the gradients, are produced only if they are in
    `requested`.

    Raises:
        UndefinedScoreError: if the batch has no labels, or the loss does not take what the network
            returns.
        InvalidScoreError: if the network has no weights to differentiate.
    """
    loss = batch_loss(trial, forward.outputs, trial.labels)
    leaves = weights.leaves()
    gates = _Gates(forward.layer_outputs if ChannelGradients in requested else ())
    twice = GradientGraph in requested
    # One backward pass produces gradients with and without graph, unless the graph changes their
    # last digits.
    apart = (
        twice and bool(requested & {LossGradients, ChannelGradients}) and changes_with_graph(loss)
    )
    # The graph stays, because the Jacobian of the inputs uses it. It is freed with the Forward.
    differentiate = partial(
        torch.autograd.grad, loss, leaves, retain_graph=True, materialize_grads=True
    )
    with gates:
        grads = differentiate(create_graph=twice and not apart)
    return (
        LossGradients(_detached(leaves), _detached(grads)) if LossGradients in requested else None,
        gates.gradients(_unseen(forward, weights, grads))
        if ChannelGradients in requested
        else None,
        GradientGraph(leaves, differentiate(create_graph=True) if apart else grads)
        if twice
        else None,
    )


def _unseen(forward: Forward, weights: Weights, grads: tuple[Tensor, ...]) -> str:
    """Say which output of a layer, or of a function that is used as one, has no gate, or none for each image."""
    called = {id(call.layer.weight) for call in forward.layer_outputs}
    uncalled = [
        grad
        for weight, grad in zip(weights.parameters, grads, strict=True)
        if id(weight) not in called
    ]
    if weights.of_functions or any(bool(grad.any()) for grad in uncalled):
        return (
            "a weight is used by a function, not by a Conv2d or Linear module, whose outputs can "
            "be observed"
        )
    if any(call.output.shape[:1] != (len(forward.images),) for call in forward.layer_outputs):
        return "the images are not the first dimension of what a Conv2d or Linear layer gives"
    return ""


def _detached(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(tensor.detach() for tensor in tensors)


class _Gates:
    """Sums a * dL/da per image and channel during the backward pass; keeps no gradient maps."""

    def __init__(self, calls: tuple[LayerOutput, ...]) -> None:
        # A part of the network that runs without gradients has no gates, because the loss does not
        # depend on it.
        self._calls = tuple(call for call in calls if call.output.requires_grad)
        self._sums: dict[WeightedLayer, list[Tensor]] = {call.layer: [] for call in self._calls}

    def __enter__(self) -> None:
        self._handles = [
            call.output.register_hook(partial(self._add, call))  # type: ignore[no-untyped-call]
            for call in self._calls
        ]

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _add(self, call: LayerOutput, grad: Tensor) -> None:
        """Hook of a tensor: sum over positions; the channels of a Linear layer are last."""
        product = call.output.detach() * grad.detach()
        positions = (
            product.flatten(2).sum(2)
            if isinstance(call.layer, nn.Conv2d)
            else _sum_positions(product)
        )
        self._sums[call.layer].append(positions)

    def gradients(self, unseen: str) -> ChannelGradients:
        """Add up the calls of each layer; a layer without effect on the loss has no gradients."""
        reached = {layer: calls for layer, calls in self._sums.items() if calls}
        return ChannelGradients(
            tuple(torch.stack(calls).sum(0) for calls in reached.values()),
            tuple(layer.weight[0].numel() for layer in reached),
            any(call.lost for call in self._calls),
            unseen,
        )


def _sum_positions(product: Tensor) -> Tensor:
    """Sum (N, ..., C) over all but the first and the last dimension."""
    return product.flatten(1, -2).sum(1) if product.dim() > 2 else product
