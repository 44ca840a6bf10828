"""AZ-NAS, progressivity: whether features become richer from cell to cell."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.cell_features import FeatureSpectra
from zc_bench.proxies.az_expressivity import entropies


@proxy("az_progressivity", source="Lee & Ham 2024, AZ-NAS, arXiv:2403.19232, eq. 5")
def az_progressivity(spectra: FeatureSpectra) -> float:
    """Smallest gain in entropy from one feature to the next.

    Formula, with s_l as in `az_expressivity`, feature 0 being what enters the first cell:

        score = min_{l >= 1} ( s_l - s_{l-1} )

    Args:
        spectra: `eigenvalues` holds those of the features' covariances, (C,) per feature.

    Returns:
        A number without unit, of either sign; higher is better. A cell that does not change its
        input gains 0.

    Raises:
        InvalidScoreError: if a feature is constant.

    Examples:
        The entropies are ln 2, ln 4 and ln 3: the smallest gain is ln 3 - ln 4.

        >>> import torch
        >>> from zc_bench.passes.cell_features import FeatureSpectra
        >>> spectra = FeatureSpectra(tuple(torch.ones(channels) for channels in (2, 4, 3)))
        >>> round(az_progressivity(spectra), 4)
        -0.2877

    References:
        Lee & Ham 2024, AZ-NAS, arXiv:2403.19232, eq. 5.

    Deviations:
        Those of `az_expressivity`.
    """
    found = entropies(spectra)
    return float(found.diff().min())
