"""Trainability of AZ-NAS."""

import math

import numpy as np
import torch
from torch import Tensor

from networks import Case
from reference.az_features import calls, signs


def az_trainability(case: Case) -> float | None:
    """Pull signs back through each cell, and average what their products with the signs say."""
    cells = calls(case)
    if cells is None:
        return None
    terms = []
    for call, drawn in zip(cells, signs(case, [call.output.shape for call in cells]), strict=True):
        (pulled,) = torch.autograd.grad(
            call.output, call.entered, drawn, retain_graph=True, allow_unused=True
        )
        if pulled is None or not pulled.any():
            return None
        if pulled.shape == drawn.shape and bool((pulled == drawn).all()):
            return None
        largest = np.linalg.svd(_product(pulled, drawn), compute_uv=False)[0]
        terms.append(2 - largest - 1 / (largest + 1e-6))
    return sum(terms) / len(terms)


def _product(pulled: Tensor, drawn: Tensor) -> np.ndarray:
    """Average over images and positions the products of all channels; the offsets in a patch are channels."""
    images, width, height, _ = drawn.shape
    factor = math.ceil(pulled.shape[2] / height)
    rows = []
    for channel in range(pulled.shape[1]):
        for down in range(factor):
            for right in range(factor):
                grid = torch.zeros_like(drawn[:, 0])
                taken = pulled[:, channel, down::factor, right::factor]
                grid[:, : taken.shape[1], : taken.shape[2]] = taken
                rows.append([float((grid * drawn[:, other]).sum()) for other in range(width)])
    return np.array(rows) / (images * drawn.shape[2] * drawn.shape[3])
