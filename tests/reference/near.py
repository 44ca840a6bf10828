"""Effective ranks of activation matrices, which are written out row by row."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from networks import Case
from reference.running import draws, training_copy
from zc_bench.seeding import numpy_generator


def near(case: Case) -> float:
    """Write every matrix as a list of rows, cut out C of them, and take NumPy's singular values."""
    network = training_copy(case)
    generator = numpy_generator(case.seed, "activation windows")
    order = sorted(range(len(case.images)), key=lambda place: case.images[place].sum().item())
    windows: dict[nn.Module, list[list[float]]] = {}

    def tap(module: nn.Module, _inputs: tuple[Any, ...], output: Any) -> None:
        values = output[0] if isinstance(output, tuple) else output
        rows, step = _rows(values[order] if len(values) == len(order) else values)
        channels, have = len(rows[0]), windows.setdefault(module, [])
        if len(have) < channels:
            wanted = min(channels - len(have), len(rows))
            start = step * int(generator.integers((len(rows) - wanted) // step + 1))
            have += rows[start : start + wanted]

    for module in network.modules():
        if hasattr(module, "weight") or type(module).__module__ == nn.ReLU.__module__:
            module.register_forward_hook(tap)
    with draws(case), torch.no_grad():
        network(case.images)
    return sum(_rank(np.array(rows)) for rows in windows.values())


def _rows(values: Tensor) -> tuple[list[list[float]], int]:
    """List positions with their channels; return also how many positions are in a row of a map."""
    if values.dim() == 4:
        _, _, height, width = values.shape
        columns = [
            image[:, row, column].tolist()
            for image in values
            for column in range(width)
            for row in range(height)
        ]
        return columns, width
    tokens = values.reshape(len(values), -1, values.shape[-1])
    return tokens.flatten(0, 1).tolist(), tokens.shape[1]


def _rank(matrix: np.ndarray) -> float:
    values = np.linalg.svd(matrix, compute_uv=False)
    if values.sum() == 0:
        return 0.0
    shares = [value / values.sum() for value in values]
    return math.exp(-sum(share * math.log(share) for share in shares if share > 0))
