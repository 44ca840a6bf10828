"""AZ-NAS: four proxies, ranked and put together."""

import numpy as np
from scipy.stats import rankdata

# What it reads is registered first.
import zc_bench.proxies.az_expressivity
import zc_bench.proxies.az_progressivity
import zc_bench.proxies.az_trainability
import zc_bench.proxies.flops  # noqa: F401
from zc_bench.engine.derived import Scores, derived_proxy


@derived_proxy("az_nas", source="Lee & Ham 2024, AZ-NAS, arXiv:2403.19232, eq. 12", of_set=True)
def az_nas(
    az_expressivity: Scores, az_progressivity: Scores, az_trainability: Scores, flops: Scores
) -> Scores:
    """Sum of the logs of the ranks that four proxies give an architecture in a set.

    Formula, with r_i the rank of the architecture in proxy i among the m of the set, 1 for the
    lowest, ties averaged:

        score = sum_i ln( r_i / m )

    The set holds the architectures of one search space, task and seed that have all four scores, in
    a run those of the run, in a store all of the store. So a score changes when trials are added,
    and its reason says how many there are. An invalid score ranks lowest.

    Args:
        az_expressivity: one score per architecture, (m,).
        az_progressivity: the same.
        az_trainability: the same.
        flops: the same; AZ-NAS calls it complexity.

    Returns:
        Numbers without unit, from -4 ln m to 0, which the best in all four reaches; higher is
        better.

    Examples:
        The second of two is best in all four; the first has ranks 1 of 2: 4 ln(1/2).

        >>> import numpy as np
        >>> low_high = np.array([-np.inf, 1.0])
        >>> az_nas(low_high, low_high, low_high, low_high).round(4).tolist()
        [-2.7726, 0.0]

    References:
        Lee & Ham 2024, AZ-NAS, arXiv:2403.19232, eq. 12.

    Deviations:
        Those of its four proxies. The operations are counted as `flops` does.
    """
    return sum_of_log_ranks(az_expressivity, az_progressivity, az_trainability, flops)


def sum_of_log_ranks(*proxies: Scores) -> Scores:
    """Add up ln(r / m) over proxies, with the rank r among m architectures, ties averaged."""
    ranks = np.stack([rankdata(scores) for scores in proxies])
    total: Scores = np.log(ranks / ranks.shape[1]).sum(axis=0)
    return total
