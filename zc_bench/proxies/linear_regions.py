"""Standard activation patterns: the number of linear regions that hold the images."""

import torch

from zc_bench.engine.declare import proxy
from zc_bench.passes.pattern_agreements import PatternAgreements


@proxy(
    "linear_regions",
    source="Peng et al. 2024, SWAP-NAS, arXiv:2403.04161, definition 3.1; Chen et al. 2021, arXiv:2102.11535",
)
def linear_regions(patterns: PatternAgreements) -> float:
    """Number of distinct activation patterns of the whole network among the images of the batch.

    Formula, with A_n the pattern of image n, one bit for each of the V units:

        score = |{A_1, ..., A_N}|

    Args:
        patterns: `agreements` holds the number of equal bits of each pair of images, int64 (N, N);
            `units` is V. Two images have the same pattern if they agree in V units.

    Returns:
        A whole number from 1 to N; higher is better.

    Examples:
        Images 0 and 1 have the same pattern, image 2 has another.

        >>> import torch
        >>> from zc_bench.passes.pattern_agreements import PatternAgreements
        >>> agreements = torch.tensor([[4, 4, 1], [4, 4, 1], [1, 1, 4]])
        >>> linear_regions(PatternAgreements(agreements, units=4))
        2.0

    References:
        Peng et al. 2024, SWAP-NAS, arXiv:2403.04161, definition 3.1 (standard activation pattern).
        Chen et al. 2021, TE-NAS, arXiv:2102.11535.

    Deviations:
        TE-NAS measures it on tiny images with weights of its own; here the images and weights are
        those of all proxies. On images of ordinary size nearly every network reaches N. The text
        of SWAP-NAS names fourteen of its fifteen baselines; table 3 measures this one.
    """
    equal = patterns.agreements == patterns.units
    # An image counts unless an earlier one has the same pattern.
    repeated = torch.tril(equal, diagonal=-1).any(1)
    return float((~repeated).sum())
