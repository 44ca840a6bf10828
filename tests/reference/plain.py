"""Signed connection sensitivity through one common factor."""

import torch
from torch import nn
from torch.func import functional_call

from networks import Case
from reference.running import draws, training_copy, weight_names


def plain(case: Case) -> float:
    """Multiply all weights with one factor c.

    The derivative of the loss at c = 1 is the sum of w * dL/dw.
    """
    network = training_copy(case)
    factor = torch.ones((), dtype=case.images.dtype, requires_grad=True)
    scaled = {name: network.get_parameter(name).detach() * factor for name in weight_names(network)}
    with draws(case):
        outputs = functional_call(network, scaled, (case.images,))
    nn.functional.cross_entropy(outputs, case.labels).backward()
    return 0.0 if factor.grad is None else float(factor.grad)
