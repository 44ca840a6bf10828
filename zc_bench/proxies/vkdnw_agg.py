"""VKDNW, ranked together with four other proxies."""

# What it reads is registered first.
import zc_bench.proxies.az_expressivity
import zc_bench.proxies.az_trainability
import zc_bench.proxies.flops
import zc_bench.proxies.jacov
import zc_bench.proxies.vkdnw  # noqa: F401
from zc_bench.engine.derived import Scores, derived_proxy
from zc_bench.proxies.az_nas import sum_of_log_ranks


@derived_proxy(
    "vkdnw_agg",
    source="Tybl and Neumann 2025, VKDNW, arXiv:2502.04975, section on aggregation",
    of_set=True,
)
def vkdnw_agg(
    vkdnw: Scores, jacov: Scores, az_expressivity: Scores, az_trainability: Scores, flops: Scores
) -> Scores:
    """Sum of the logs of the ranks that VKDNW and four other proxies give an architecture in a set.

    Formula, with r_i the rank of the architecture in proxy i among the m of the set, 1 for the
    lowest, ties averaged:

        score = sum_i ln( r_i / m )

    The set holds the architectures of one search space, task and seed that have all five scores, in
    a run those of the run, in a store all of the store. So a score changes when trials are added,
    and its reason says how many there are. An invalid score ranks lowest.

    Args:
        vkdnw: one score per architecture, (m,).
        jacov: the same.
        az_expressivity: the same.
        az_trainability: the same.
        flops: the same.

    Returns:
        Numbers without unit, from -5 ln m to 0, which the best in all five reaches; higher is
        better.

    Examples:
        The second of two is best in all five; the first has ranks 1 of 2: 5 ln(1/2).

        >>> import numpy as np
        >>> low_high = np.array([-np.inf, 1.0])
        >>> vkdnw_agg(*[low_high] * 5).round(4).tolist()
        [-3.4657, 0.0]

    References:
        Tybl and Neumann 2025, arXiv:2502.04975.

    Deviations:
        Those of its five proxies. The authors add ln(r_i), which is the same order. This is their
        aggregate on NAS-Bench-201; the one for MobileNetV2 takes progressivity in the place of
        jacov, and the entropy of `vkdnw` without the number of tensors.
    """
    return sum_of_log_ranks(vkdnw, jacov, az_expressivity, az_trainability, flops)
