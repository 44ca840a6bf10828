"""Correlation of the input Jacobian within classes, with NumPy."""

import numpy as np

from networks import Case
from reference.jacov import has_constant_row, jacobian
from reference.running import draws, training_copy


def epe_nas(case: Case) -> float | None:
    """Gather the Jacobians of each class in a dictionary, as the reference does."""
    rows = jacobian(case)
    if has_constant_row(rows):
        return None
    network = training_copy(case)
    with draws(case):
        many = network(case.images).shape[-1] > 100
    by_class: dict[int, list[np.ndarray]] = {}
    for row, label in zip(rows, case.labels.tolist(), strict=True):
        by_class.setdefault(label, []).append(row)
    sums = []
    for members in by_class.values():
        if many and len(members) == 1:
            continue
        logs = np.log(np.abs(np.atleast_2d(np.corrcoef(members))) + 1e-5)
        sums.append(logs.sum() / len(members) if many else logs.sum())
    if not sums:
        return None
    if many:
        return float(sum(abs(first - second) for first in sums for second in sums) / len(sums))
    return float(sum(abs(value) for value in sums))
