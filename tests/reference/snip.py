"""Connection sensitivity through explicit masks."""

import torch
from torch import nn
from torch.func import functional_call

from networks import Case
from reference.running import draws, total, training_copy, weight_names


def snip(case: Case) -> float:
    """Multiply every weight with a mask of ones, and differentiate the loss with respect to the masks."""
    network = training_copy(case)
    weights = {name: network.get_parameter(name).detach() for name in weight_names(network)}
    masks = {name: torch.ones_like(weight, requires_grad=True) for name, weight in weights.items()}
    masked = {name: weight * masks[name] for name, weight in weights.items()}
    with draws(case):
        outputs = functional_call(network, masked, (case.images,))
    nn.functional.cross_entropy(outputs, case.labels).backward()
    return sum(total(mask.grad.abs()) for mask in masks.values() if mask.grad is not None)
