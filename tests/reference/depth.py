"""Longest path, forwards: every tensor carries the number of layers behind it."""

from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from networks import Case
from reference.running import draws, training_copy

_LAYERS = (torch.conv2d, torch.nn.functional.linear)
_FACTORS = (Tensor.mul, Tensor.__mul__, Tensor.__rmul__, torch.mul)


class _Depths(TorchFunctionMode):
    """Notes for every tensor the most layers on a path from the images to it."""

    def __init__(self, images: Tensor) -> None:
        super().__init__()
        self.known = {id(images): 0}
        self.alive: list[Any] = [images]

    def __torch_function__(self, function, types, args=(), kwargs=None):
        output = function(*args, **(kwargs or {}))
        entered = [
            self.known[id(item)] for item in tree_leaves((args, kwargs)) if id(item) in self.known
        ]
        zero = function in _FACTORS and 0.0 in [
            item for item in args if not isinstance(item, Tensor)
        ]
        if entered and not zero:
            depth = max(entered) + (function in _LAYERS)
            self.known.update((id(item), depth) for item in tree_leaves(output))
        self.alive.append((args, output))
        return output


def depth(case: Case) -> float:
    """Run a copy; return what the outputs carry, zero where no path leads to them."""
    network = training_copy(case)
    images = case.images.clone()
    depths = _Depths(images)
    with draws(case), torch.no_grad(), depths:
        output = network(images)
    return float(depths.known.get(id(output), 0))
