"""Singular values with NumPy, and the curvature from backward passes."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from networks import Case
from reference.running import draws, training_copy
from zc_bench.seeding import numpy_generator


def dextr(case: Case) -> float | None:
    """Record every output of one image; differentiate each of ten outputs twice by the angle."""
    try:
        spread, curvature = _spread(case), _curvature(case)
    except ValueError:  # batch normalisation of a single value
        return None
    if math.isnan(curvature):
        return None
    first, second = math.log1p(spread), math.log1p(curvature)
    return first * second / (first + second) if second else 0.0


def _spread(case: Case) -> float:
    network = training_copy(case)
    ratios: list[float] = []

    def tap(_module: nn.Module, _inputs: tuple[Any, ...], output: Any) -> None:
        output = output[0] if isinstance(output, tuple) else output
        values = np.linalg.svd(
            output[0].reshape(output.shape[1], -1).double().numpy(), compute_uv=False
        )
        ratios.append(values.min() / values.max() if values.max() > 0 else 0.0)

    for module in network.modules():
        module.register_forward_hook(tap)
    image = min(case.images, key=lambda item: item.sum().item())
    with draws(case), torch.no_grad():
        network(image[None].clone())
    return sum(ratios)


def _curvature(case: Case) -> float:
    network = training_copy(case).double()
    generator = numpy_generator(case.seed, "circle")
    one, other = generator.standard_normal((2, case.images[0].numel()))
    one = one / np.linalg.norm(one)
    other = other - (other @ one) * one
    if not np.linalg.norm(other):
        return math.nan
    other = other / np.linalg.norm(other)
    angle = torch.zeros((), dtype=torch.float64, requires_grad=True)
    point = torch.from_numpy(one) * angle.cos() + torch.from_numpy(other) * angle.sin()
    with draws(case):
        outputs = network(point.reshape(case.images[:1].shape)).flatten()
    places = generator.integers(len(outputs), size=10)
    velocity, acceleration = np.array([_derivatives(outputs[place], angle) for place in places]).T
    speed = np.linalg.norm(velocity)
    # After batch normalisation and pooling the outputs are constant, but for rounding.
    if speed <= 1e-10 * math.hypot(*(outputs[place].item() for place in places)):
        return math.nan
    across = acceleration - (acceleration @ velocity) / speed**2 * velocity
    return float(np.linalg.norm(across) / speed**2)


def _derivatives(output: Tensor, angle: Tensor) -> tuple[float, float]:
    (first,) = torch.autograd.grad(output, angle, create_graph=True, materialize_grads=True)
    if not first.requires_grad:
        return first.item(), 0.0
    (second,) = torch.autograd.grad(first, angle, retain_graph=True, materialize_grads=True)
    return first.item(), second.item()
