"""The empirical neural tangent kernel of the summed outputs of each image."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.passes.forward import Forward
from zc_bench.passes.outputs import expect_graph, output_tensors
from zc_bench.passes.trial_inputs import TrialInputs

# Gradients of all images are kept for so many values at a time: 256 MiB in float32.
MOST_VALUES = 1 << 26


@dataclass(frozen=True)
class TangentKernel:
    """Inner products of the gradients of the outputs.

    Attributes:
        kernel: float64 (N, N), <dF_m/dw, dF_n/dw>: F_n is the sum of the outputs for image n, w
            every parameter that is named a weight, scales of normalisation included.
    """

    kernel: Tensor


@shared_pass
def tangent_kernel(trial: TrialInputs, forward: Forward) -> TangentKernel:
    """Differentiate the summed outputs of one image after the other, in the graph of the batch.

    The outputs for an image depend on the other images where batch normalisation uses the
    statistics of the batch. So every image needs a backward pass over the whole batch. Only the
    gradients of some layers are kept at a time; earlier layers need further backward passes where
    a network has more weights than `MOST_VALUES` allows.

    Raises:
        UndefinedScoreError: if the images are not the first dimension of the outputs.
        InvalidScoreError: if no parameter is named a weight, or the network runs without gradients.
    """
    images = len(trial.images)
    parameters = [
        parameter
        for name, parameter in trial.network.named_parameters()
        if "weight" in name and parameter.requires_grad
    ]
    if not parameters:
        message = "no parameter of the network is named a weight"
        raise InvalidScoreError(message)
    sums = _per_image(forward, images)
    kernel = torch.zeros(images, images, dtype=torch.float64, device=trial.images.device)
    for group in _groups(parameters, images):
        for rows in _gradients(sums, group):
            kernel += rows.double() @ rows.double().T
    return TangentKernel(kernel)


def _per_image(forward: Forward, images: int) -> Tensor:
    """Add up all outputs for each image, (N,), with their graph."""
    tensors = output_tensors(forward.outputs)
    if any(tensor.shape[:1] != (images,) for tensor in tensors):
        message = "the images are not the first dimension of what the network returns"
        raise UndefinedScoreError(message)
    with torch.enable_grad():
        sums = torch.stack([tensor.reshape(images, -1).sum(1) for tensor in tensors]).sum(0)
    expect_graph(sums, "the outputs do not depend on the weights")
    return sums


def _groups(parameters: Sequence[Tensor], images: int) -> Iterator[list[Tensor]]:
    """Cut a list of parameters into parts whose gradients are kept at the same time."""
    group: list[Tensor] = []
    for parameter in parameters:
        values = sum(item.numel() for item in group) + parameter.numel()
        if group and images * values > MOST_VALUES:
            yield group
            group = []
        group.append(parameter)
    yield group


def _gradients(sums: Tensor, group: Sequence[Tensor]) -> list[Tensor]:
    """Return the gradients of every image, (N, values) per parameter."""
    rows = [sums.new_empty(len(sums), parameter.numel()) for parameter in group]
    for place, value in enumerate(sums):
        # The graph is freed with the Forward.
        grads = torch.autograd.grad(value, group, retain_graph=True, materialize_grads=True)
        for row, grad in zip(rows, grads, strict=True):
            row[place] = grad.reshape(-1)
    return rows
