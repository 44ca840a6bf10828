"""Gradient signal preservation with an explicit Hessian."""

import torch
from torch import nn
from torch.func import functional_call

from networks import Case
from reference.running import draws, training_copy, weight_names


def grasp(case: Case) -> float:
    """Compute -w'Hg with the gradient g and the full Hessian H of the loss over all weights, row by row."""
    network = training_copy(case)
    names = weight_names(network)
    shapes = [network.get_parameter(name).shape for name in names]
    flat = torch.cat([network.get_parameter(name).detach().flatten() for name in names])

    def loss(values: torch.Tensor) -> torch.Tensor:
        parts = values.split([shape.numel() for shape in shapes])
        weights = {
            name: part.view(shape) for name, part, shape in zip(names, parts, shapes, strict=True)
        }
        with draws(case):
            outputs = functional_call(network, weights, (case.images,))
        return nn.functional.cross_entropy(outputs, case.labels)

    point = flat.requires_grad_()
    (gradient,) = torch.autograd.grad(loss(point), point, create_graph=True)
    rows = [
        torch.autograd.grad(entry, point, retain_graph=True, materialize_grads=True)[0]
        for entry in gradient.unbind()
    ]
    hessian = torch.stack(rows)
    return -float(flat.detach() @ hessian @ gradient.detach())
