"""Condition number of the tangent kernel, from the singular values of all gradients at once."""

import numpy as np
import torch

from networks import Case
from reference.running import draws, training_copy


def ntk_condition(case: Case) -> float | None:
    """Stack the gradients of all images, and square the ratio of their singular values."""
    network = training_copy(case)
    named = [parameter for name, parameter in network.named_parameters() if name.endswith("weight")]
    with draws(case):
        outputs = network(case.images)
    rows = []
    for output in outputs:
        grads = torch.autograd.grad(output.sum(), named, retain_graph=True, materialize_grads=True)
        rows.append(torch.cat([grad.flatten() for grad in grads]).double().numpy())
    matrix = np.array(rows)
    eigenvalues = np.linalg.eigvalsh(matrix @ matrix.T)
    if eigenvalues[0] <= len(rows) * np.finfo(np.float64).eps * eigenvalues[-1]:
        return None
    roots = np.linalg.svd(matrix, compute_uv=False)
    return float((roots[0] / roots[len(rows) - 1]) ** 2)
