"""Standard activation patterns: the number of linear regions that the images lie in."""

import torch

from zc_bench.engine.declare import proxy
from zc_bench.passes.pattern_agreements import PatternAgreements


@proxy(
    "linear_regions",
    source="Peng et al. 2024, SWAP-NAS, arXiv:2403.04161, definition 3.1; Xiong et al. 2020, TE-NAS",
)
def linear_regions(patterns: PatternAgreements) -> float:
    """Number of distinct activation patterns of the whole network among the images of the batch.

    At most N, which it reaches for inputs of ordinary size; the papers measure it on tiny images. The text of the
    SWAP-NAS paper names fourteen of its fifteen baselines; this is the one that its own ablation (table 3) measures.
    """
    equal = patterns.agreements == patterns.units
    # An image opens a region unless an earlier one has the same pattern.
    repeated = torch.tril(equal, diagonal=-1).any(1)
    return float((~repeated).sum())
