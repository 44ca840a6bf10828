"""Correlations of what enters ReLUs, with NumPy."""

from typing import Any

import numpy as np
from torch import Tensor, nn

from networks import Case
from reference.running import draws, training_copy
from zc_bench.passes.cells import cells_of


def wrcor(case: Case) -> float | None:
    """Record inputs and gradients of every ReLU with torch's own hooks, then correlate all."""
    network = training_copy(case)
    place = {"cell": 0}  # how many cells have ended
    recorded: list[tuple[int, Tensor]] = []

    def leave(*_: Any) -> None:
        place["cell"] += 1

    def values(relu: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        recorded.append((place["cell"], inputs[0].detach().clone()))
        calls.setdefault(relu, []).append(place["cell"])

    def grads(relu: nn.Module, inputs: tuple[Tensor, ...], _outputs: Any) -> None:
        if inputs[0] is not None:
            # The last call is differentiated first.
            recorded.append((calls[relu].pop(), inputs[0].detach().clone()))

    calls: dict[nn.Module, list[int]] = {}
    for cell in cells_of(network):
        cell.register_forward_hook(leave)
    for relu in [module for module in network.modules() if isinstance(module, nn.ReLU)]:
        relu.inplace = False
        relu.register_forward_pre_hook(values)
        relu.register_full_backward_hook(grads)
    with draws(case):
        outputs = network(case.images.clone().requires_grad_())
    nn.functional.cross_entropy(outputs, case.labels).backward()
    return _log_determinant(recorded)


def _log_determinant(recorded: list[tuple[int, Tensor]]) -> float | None:
    total = 0.0
    for cell, entered in recorded:
        rows = entered.double().flatten(1).numpy()
        # One value has no deviation, and a constant row none but rounding.
        if any(row.max() - row.min() <= 1e-11 * np.abs(row).max() for row in rows):
            continue
        total = total + 2.0**cell * np.abs(np.atleast_2d(np.corrcoef(rows)))
    if isinstance(total, float):
        return None
    singular = np.linalg.svd(total, compute_uv=False)
    if singular[-1] <= len(total) * np.finfo(np.float64).eps * singular[0]:
        return None
    return float(np.linalg.slogdet(total)[1])
