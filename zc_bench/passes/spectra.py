"""Correlations of rows, and eigenvalues of many small symmetric matrices."""

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor


def unit_rows(rows: Tensor) -> Tensor | None:
    """Centre rows and bring them to unit length, so that their products are correlations.

    Args:
        rows: float64 (n, values).

    Returns:
        (n, values); None where a row is constant or not finite.
    """
    centred = rows - rows.mean(1, keepdim=True)
    norms = centred.norm(dim=1, keepdim=True)
    # Rounding leaves a residue of about 1e-16 of its values in a constant row.
    varying = bool((norms[:, 0] > 1e-12 * rows.norm(dim=1)).all())
    return centred / norms if varying and bool(norms.isfinite().all()) else None


def eigenvalues(matrices: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Return the eigenvalues of positive semi-definite matrices.

    Args:
        matrices: finite, of any sizes.

    Returns:
        Per matrix its eigenvalues, ascending; those that rounding makes negative are zero.

    Examples:
        >>> [values.tolist() for values in eigenvalues([torch.eye(1), torch.diag(torch.tensor([3.0, 2.0]))])]
        [[1.0], [2.0, 3.0]]
    """
    places = defaultdict(list)
    for place, matrix in enumerate(matrices):
        places[len(matrix)].append(place)
    found: dict[int, Tensor] = {}
    for group in places.values():
        values = torch.linalg.eigvalsh(torch.stack([matrices[place] for place in group]))
        found.update(zip(group, values.clamp(min=0), strict=True))
    return tuple(found[place] for place in range(len(matrices)))


def largest_singular_values(matrices: Sequence[Tensor]) -> Tensor:
    """Return the largest singular value of each matrix, as one tensor.

    Args:
        matrices: finite float64, at least one, of any shapes.

    Examples:
        >>> largest_singular_values([torch.tensor([[3.0, 4.0]], dtype=torch.float64)]).tolist()
        [5.0]
    """
    narrow = [item if item.shape[0] <= item.shape[1] else item.T for item in matrices]
    squares = [item @ item.T for item in narrow]
    return torch.stack([values[-1] for values in eigenvalues(squares)]).sqrt()
