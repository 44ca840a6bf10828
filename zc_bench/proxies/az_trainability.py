"""AZ-NAS, trainability: how close the Jacobians of the cells are to isometries."""

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.passes.cell_features import CellJacobians
from zc_bench.passes.spectra import largest_singular_values

_K = 1e-6


@proxy("az_trainability", source="Lee & Ham 2024, AZ-NAS, arXiv:2403.19232, eq. 11")
def az_trainability(jacobians: CellJacobians) -> float:
    """Mean over cells of 2 - v - 1/v, with v the largest singular value of the cell's Jacobian.

    Formula, with M_l the mean over images and positions of g g'^T, where g' is a vector of
    independent signs at the output of cell l and g is what it becomes at the input, pulled back
    through the cell alone; v_l is the largest singular value of M_l, and k = 10^-6:

        score = mean_l ( 2 - v_l - 1 / (v_l + k) )

    Where the input has s times the height and width of the output, g is folded to its size, with
    s^2 as many channels.

    Args:
        jacobians: `products` holds M_l, (C_in * s^2, C_out) per cell.

    Returns:
        A number without unit, at most about 0, which v = 1 reaches; higher is better.

    Raises:
        InvalidScoreError: if no gradient passes a cell, or a cell does not change its input.
        UndefinedScoreError: if a cell gives larger maps than it takes.

    Examples:
        The singular values are 2 and 1: the mean of 2 - 2 - 1/2 and 2 - 1 - 1.

        >>> import torch
        >>> from zc_bench.passes.cell_features import CellJacobians
        >>> products = torch.diag(torch.tensor([2.0, 1.0])), torch.diag(torch.tensor([0.5, 1.0]))
        >>> round(az_trainability(CellJacobians(products, (False, False))), 4)
        -0.25

    References:
        Lee & Ham 2024, AZ-NAS, arXiv:2403.19232, eq. 11.

    Deviations:
        A cell through which nothing passes has 2 - 10^6 in the authors' code, which is finite; here
        the score is invalid, as it is for the identity, both there and here. Where s is no whole
        number, the input is padded with zeros; their code has no such cell.
    """
    if jacobians.enlarged:
        message = "a cell gives larger maps than it takes"
        raise UndefinedScoreError(message)
    if any(jacobians.identical):
        message = f"cell {jacobians.identical.index(True) + 1} does not change its input"
        raise InvalidScoreError(message)
    largest = largest_singular_values(jacobians.products)
    if not bool(largest.all()):
        dead = int((largest == 0).nonzero()[0]) + 1
        message = f"no gradient passes cell {dead}"
        raise InvalidScoreError(message)
    return float((2 - largest - 1 / (largest + _K)).mean())
