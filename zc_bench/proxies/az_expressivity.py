"""AZ-NAS, expressivity: how evenly features spread over their directions."""

import torch
from torch import Tensor

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.cell_features import FeatureSpectra

_K = 1e-8


@proxy("az_expressivity", source="Lee & Ham 2024, AZ-NAS, arXiv:2403.19232, eq. 3")
def az_expressivity(spectra: FeatureSpectra) -> float:
    """Sum over features of the entropy of their principal components' shares.

    Formula, with v_lc the eigenvalues of the covariance of feature l's channels, over all positions
    of all images, and k = 10^-8:

        p_lc = v_lc / sum_c v_lc
        s_l = - sum_c p_lc ln(p_lc + k)
        score = sum_l s_l

    Feature 0 enters the first cell, the others are the outputs of the cells: `zc_bench.passes.cells`
    says what is a cell. Inputs are N(0, 1), weights N(0, 2 / fan_in).

    Args:
        spectra: `eigenvalues` holds v_l, (C,) per feature.

    Returns:
        A number without unit, from about 0 to the sum of ln C; higher is better.

    Raises:
        InvalidScoreError: if a feature is constant.

    Examples:
        Two equal eigenvalues have the entropy ln 2, a single one has none.

        >>> import torch
        >>> from zc_bench.passes.cell_features import FeatureSpectra
        >>> spectra = FeatureSpectra((torch.tensor([3.0, 3.0]), torch.tensor([0.0, 5.0])))
        >>> round(az_expressivity(spectra), 4)
        0.6931

    References:
        Lee & Ham 2024, AZ-NAS, arXiv:2403.19232, eq. 3.

    Deviations:
        Eigenvalues below zero, which rounding leaves, count as zero. In the authors' code they make
        a few networks invalid. Batch and resolution are those of the trial; theirs has 64 images.
    """
    return float(entropies(spectra).sum())


def entropies(spectra: FeatureSpectra) -> Tensor:
    """Return s_l of every feature, float64 (L + 1,).

    Raises:
        InvalidScoreError: if a feature is constant.
    """
    found = []
    for place, values in enumerate(spectra.eigenvalues):
        if not bool(values.any()):
            what = f"the output of cell {place}" if place else "what enters the first cell"
            message = f"{what} does not vary"
            raise InvalidScoreError(message)
        shares = values / values.sum()
        found.append(-(shares * torch.log(shares + _K)).sum())
    return torch.stack(found)
