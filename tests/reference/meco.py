"""MeCo."""

from typing import Any

import numpy as np
import torch
from torch import nn

from networks import Case
from reference.running import draws, training_copy


def outputs(case: Case) -> list[tuple[nn.Module, np.ndarray]] | None:
    """Run one random image; return what every call of every module gave for it, as channels by values."""
    network = training_copy(case)
    found: list[tuple[nn.Module, np.ndarray]] = []

    def keep(module: nn.Module, _inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        first = output[0].double().numpy()
        found.append((module, first.reshape(len(first), -1).copy()))

    for module in network.modules():
        module.register_forward_hook(keep)
    with draws(case, "one image"):
        image = torch.randn(1, *case.images.shape[1:], dtype=case.images.dtype)
    try:
        with draws(case), torch.no_grad():
            network(image)
    except ValueError:  # batch normalisation refuses one value per channel
        return None
    return found


def smallest(rows: np.ndarray) -> float:
    """Return the smallest real part of the eigenvalues of the correlations; those of a constant channel are zero."""
    count = len(rows)
    matrix = np.zeros((count, count))
    spread = [np.ptp(row) > 1e-12 * np.abs(row).max() for row in rows]
    for one in range(count):
        for other in range(count):
            if spread[one] and spread[other]:
                matrix[one, other] = np.corrcoef(rows[one], rows[other])[0, 1]
    return float(np.linalg.eigvals(matrix).real.min())


def meco(case: Case) -> float | None:
    """Add up the smallest eigenvalues."""
    found = outputs(case)
    return None if found is None else sum(smallest(rows) for _, rows in found)
