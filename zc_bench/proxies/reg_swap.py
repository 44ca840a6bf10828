"""Regularised SWAP."""

import math
from dataclasses import dataclass

import numpy as np

# What it reads is registered first.
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
    """SWAP times a bell curve over the number of parameters, which steers towards a size.

    Where the size is so far from mu that the bell is zero in float64, which would make all such
    networks equal, there is no score.
    """
    # Scores of params are in millions; the bell takes whole numbers.
    bell = np.array([regularisation(round(size * 1e6)) for size in params.tolist()])
    return np.where(bell == 0, np.nan, swap * bell)
