"""Correlation of the input Jacobian, with NumPy."""

import numpy as np
import torch
from numpy.typing import NDArray

from networks import Case
from reference.running import draws, training_copy


def jacov(case: Case) -> float | None:
    """Take the eigenvalues of NumPy's correlation matrix with its general solver, as the reference does."""
    rows = jacobian(case)
    if has_constant_row(rows):
        return None
    eigenvalues = np.linalg.eigvals(np.atleast_2d(np.corrcoef(rows))).real
    score = 0.0
    for eigenvalue in eigenvalues:
        # Rounding makes some a little negative.
        value = max(eigenvalue, 0.0) + 1e-5
        score -= np.log(value) + 1 / value
    return float(score)


def jacobian(case: Case) -> NDArray[np.float64]:
    """Differentiate the sum of all outputs with respect to one image after the other."""
    network = training_copy(case)
    images = [image.clone().requires_grad_() for image in case.images]
    with draws(case):
        summed = network(torch.stack(images)).sum()
    rows = []
    for image in images:
        (grad,) = torch.autograd.grad(summed, image, retain_graph=True, materialize_grads=True)
        rows.append(grad.double().numpy().ravel())
    return np.array(rows)


def has_constant_row(rows: NDArray[np.float64]) -> bool:
    """Return whether all values of a row are equal, so that it has no correlation with any."""
    return any(row.max() - row.min() <= 1e-11 * np.abs(row).max() for row in rows)
