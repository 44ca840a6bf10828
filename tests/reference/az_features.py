"""What cells take and give, for noise and He's weights, with the whole graph."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from networks import Case
from reference.running import draws, training_copy
from zc_bench.seeding import numpy_generator


@dataclass
class Call:
    """One cell.

    Attributes:
        entered: its input.
        output: its output, in the graph.
    """

    entered: Tensor
    output: Tensor


def calls(case: Case) -> list[Call] | None:
    """Run noise through a copy with new weights; return the first call of every cell in order, None without one."""
    network = training_copy(case)
    found: dict[int, Call] = {}

    def keep(cell: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
        if inputs[0].dim() == output.dim() == 4:
            found.setdefault(id(cell), Call(inputs[0], output))

    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False  # it would write over what a cell gave
    for cell in _cells(network):
        cell.register_forward_hook(keep)
    with draws(case, "cell features"):
        with torch.no_grad():
            _initialise(network)
        noise = torch.randn(case.images.shape, dtype=case.images.dtype).requires_grad_()
        network(noise)
    return list(found.values()) or None


def _cells(network: nn.Module) -> list[nn.Module]:
    marked = [module for module in network.modules() if getattr(module, "is_cell", False)]
    if marked:
        return marked
    while True:
        with_convolutions = [
            child
            for child in network.children()
            if any(isinstance(part, nn.Conv2d) for part in child.modules())
        ]
        if len(with_convolutions) != 1 or not list(with_convolutions[0].children()):
            break
        network = with_convolutions[0]
    distinct = list(dict.fromkeys(with_convolutions))
    return distinct[1:] or distinct


def _initialise(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            fan_in = math.prod(module.weight.shape[1:])
            drawn = torch.randn(module.weight.shape, dtype=module.weight.dtype)
            module.weight.copy_(drawn * math.sqrt(2 / fan_in))
            if module.bias is not None:
                module.bias.zero_()
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()


def entropies(case: Case) -> list[float] | None:
    """Return the entropy of every feature; None where one is constant."""
    cells = calls(case)
    if cells is None:
        return None
    features = [cells[0].entered, *(call.output for call in cells)]
    found = [_entropy(feature.detach().numpy()) for feature in features]
    return None if any(value is None for value in found) else found


def _entropy(maps: np.ndarray) -> float | None:
    rows = np.array([maps[:, channel].ravel() for channel in range(maps.shape[1])])
    covariance = np.atleast_2d(np.cov(rows, bias=True))
    if np.trace(covariance) <= 1e-26 * (rows**2).sum(0).mean():
        return None
    values = [max(0.0, value) for value in np.linalg.eigvalsh(covariance)]
    shares = [value / sum(values) for value in values]
    return -sum(share * math.log(share + 1e-8) for share in shares)


def signs(case: Case, shapes: list[torch.Size]) -> list[Tensor]:
    """Draw the signs of the cells' outputs, one bit each, the first bit of a byte being its highest."""
    generator = numpy_generator(case.seed, "signs")
    found = []
    for shape in shapes:
        count = math.prod(shape)
        text = "".join(f"{byte:08b}" for byte in generator.bytes(math.ceil(count / 8)))
        values = [1.0 if bit == "1" else -1.0 for bit in text[:count]]
        found.append(torch.tensor(values, dtype=case.images.dtype).reshape(shape))
    return found
