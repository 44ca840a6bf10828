"""The observations of a batch from those of its parts, where no image depends on another.

Gradients of weights are means over images. Patterns, Jacobians and gradients of channels have an
entry per image. Up to rounding, a joined observation equals that of the whole batch. The product of
Hessian and gradient is no sum over images, so it has no entry here.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from zc_bench.kernels.pattern_count import WORD
from zc_bench.passes.batch_gradients import BatchGradients
from zc_bench.passes.input_jacobian import InputJacobian
from zc_bench.passes.loss_gradients import ChannelGradients, LossGradients
from zc_bench.passes.relu_patterns import ReluPatterns

# The arguments: the observations of two successive parts, and the share of the first in the images
# of both.
Join = Callable[[Any, Any, float], Any]


def _patterns(first: ReluPatterns, second: ReluPatterns, _share: float) -> ReluPatterns:
    """Append the bits of the second part. They must not cross the boundary of a word."""
    images = first.images + second.images
    words = first.words.new_zeros(len(first.words), -(-images // WORD))
    words[:, : first.words.shape[1]] = first.words
    words[:, first.images // WORD :] |= second.words << first.images % WORD
    return ReluPatterns(words, images, first.unseen or second.unseen)


def _jacobian(first: InputJacobian, second: InputJacobian, _share: float) -> InputJacobian:
    labels = (
        None
        if first.labels is None or second.labels is None
        else torch.cat([first.labels, second.labels])
    )
    return InputJacobian(torch.cat([first.jacobian, second.jacobian]), labels, first.classes)


def _loss(first: LossGradients, second: LossGradients, share: float) -> LossGradients:
    return LossGradients(first.weights, _means(first.weight_grads, second.weight_grads, share))


def _batches(first: BatchGradients, second: BatchGradients, share: float) -> BatchGradients:
    return BatchGradients(
        _means(first.first, second.first, share), _means(first.second, second.second, share)
    )


def _channels(first: ChannelGradients, second: ChannelGradients, share: float) -> ChannelGradients:
    """Join the gradients, each scaled by the share of its part: its loss is a mean over it."""
    pairs = zip(first.gate_grads, second.gate_grads, strict=True)
    gates = tuple(torch.cat([share * one, (1 - share) * other]) for one, other in pairs)
    return ChannelGradients(
        gates, first.fan_in, first.lost or second.lost, first.unseen or second.unseen
    )


def _means(
    first: tuple[Tensor, ...], second: tuple[Tensor, ...], share: float
) -> tuple[Tensor, ...]:
    return tuple(
        share * one + (1 - share) * other for one, other in zip(first, second, strict=True)
    )


joins: Mapping[type, Join] = {
    ReluPatterns: _patterns,
    InputJacobian: _jacobian,
    LossGradients: _loss,
    ChannelGradients: _channels,
    BatchGradients: _batches,
}
