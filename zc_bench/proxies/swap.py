"""Sample-wise activation patterns."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.distinct_patterns import DistinctPatterns


@proxy(
    "swap", source="Peng et al. 2024, SWAP-NAS, arXiv:2403.04161, definitions 3.2 and 3.3, eq. 3-4"
)
def swap(patterns: DistinctPatterns) -> float:
    """Number of distinct sample-wise activation patterns over all units of the network.

    Formula, with V units, N images, and z_vn the rectified value of unit v for image n:

        score = |{ (1[z_v1 > 0], ..., 1[z_vN > 0]) : v = 1 .. V }|

    The units are the outputs of every call of an nn.ReLU, so a layer that runs nine times has nine
    times its units.

    Args:
        patterns: `count` is the number of distinct patterns.

    Returns:
        A whole number from 1 to min(V, 2^N); higher is better.

    Examples:
        Three units have the patterns (0, 1), (1, 0) and (0, 1): two are distinct.

        >>> from zc_bench.passes.distinct_patterns import DistinctPatterns
        >>> swap(DistinctPatterns(count=len({(0, 1), (1, 0), (0, 1)})))
        2.0

    References:
        Peng et al. 2024, SWAP-NAS, arXiv:2403.04161, definitions 3.2 and 3.3, eq. 3-4.

    Deviations:
        The authors' code counts ReLU layers with four-dimensional input alone; here every nn.ReLU
        counts. It takes 16 images, and the mean over 32 networks with N(0, 1) weights: the preset
        `swap-repo` does so, too.
    """
    return float(patterns.count)
