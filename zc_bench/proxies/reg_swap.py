"""Regularised SWAP."""

import math
from dataclasses import dataclass

import numpy as np

# Its inputs must be registered before it.
import zc_bench.proxies.params
import zc_bench.proxies.swap  # noqa: F401
from zc_bench.engine.derived import Scores, derived_proxy

UNITS = {"M": 1e6, "K": 1e3}


@dataclass(frozen=True)
class Regularisation:
    """The bell curve over model sizes.

    The unit matters: the squared distance is divided by sigma, not by its square. The paper writes
    "MB" for millions of parameters where it ranks benchmark architectures, and "KB" for thousands
    where it searches with one cell.

    Attributes:
        mu: where its centre is, in the unit.
        sigma: how wide it is, in the unit.
        unit: "M" for millions of parameters, "K" for thousands.
    """

    mu: float
    sigma: float
    unit: str = "M"

    def __call__(self, parameters: int) -> float:
        """Return f(P) = exp(-(P - mu)^2 / sigma), with P in the unit (eq. 5)."""
        return math.exp(self.log(parameters))

    def log(self, parameters: int) -> float:
        """Return ln f(P), which does not become zero far from mu as f(P) does beyond exp(-745)."""
        return -((parameters / UNITS[self.unit] - self.mu) ** 2) / self.sigma


@derived_proxy(
    "reg_swap",
    source="Peng et al. 2024, SWAP-NAS, arXiv:2403.04161, definitions 3.4 and 3.5, eq. 5-6",
    where_not_finite="the bell is zero at this size: sigma is too narrow",
)
def reg_swap(swap: Scores, params: Scores, regularisation: Regularisation) -> Scores:
    """SWAP times a bell curve over the number of parameters, which favours sizes near mu.

    Formula, with P the number of parameters in the unit of mu and sigma:

        score = swap * exp( -(P - mu)^2 / sigma )

    Args:
        swap: the scores of `swap`, float64 (T,), one per trial.
        params: the scores of `params`, float64 (T,), in millions.
        regularisation: mu, sigma and their unit.

    Returns:
        Scores from 0 to `swap`, float64 (T,); higher is better. NaN where the curve is zero in
        float64, since all such networks would be equal; the score is then invalid.

    Examples:
        At P = mu the curve is 1. One unit away, with sigma = 1, it is exp(-1).

        >>> import numpy as np
        >>> from zc_bench.proxies.reg_swap import Regularisation
        >>> swap, params = np.array([100.0, 100.0]), np.array([1.0, 2.0])
        >>> reg_swap(swap, params, Regularisation(mu=1.0, sigma=1.0)).round(4).tolist()
        [100.0, 36.7879]

    References:
        Peng et al. 2024, SWAP-NAS, arXiv:2403.04161, definitions 3.4 and 3.5, eq. 5-6.

    Deviations:
        The paper states neither mu nor sigma for most of its figures. By default mu is the largest
        size among 1000 architectures of the space, and sigma the square of mu. With repeats, the
        curve multiplies the mean of swap over the networks, which is the same up to rounding.
    """
    # Scores of params are in millions; the curve takes whole numbers of parameters.
    bell = np.array([regularisation(round(size * 1e6)) for size in params.tolist()])
    return np.where(bell == 0, np.nan, swap * bell)
