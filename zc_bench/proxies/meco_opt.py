"""MeCo on eight channels of every output."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.channel_correlations import SAMPLED, SampledCorrelations


@proxy("meco_opt", source="Jiang, Wang & Bie 2023, MeCo, NeurIPS 2023, the optimised form")
def meco_opt(correlations: SampledCorrelations) -> float:
    """Sum over the outputs of all modules of the smallest eigenvalue of eight channels' correlations.

    Formula, with C_m the matrix of Pearson's correlations between eight channels of output m, drawn
    without replacement, over the positions of a single image, and c_m the number of channels:

        score = sum_m c_m / 8 * min eigenvalue(C_m)

    Outputs and image are those of `meco`. An output with fewer channels takes all of them, in the
    place of eight.

    Args:
        correlations: `smallest` holds the smallest eigenvalue of C_m and `channels` holds c_m, one
            number per output.

    Returns:
        A number without unit, from 0 up; higher is better.

    Examples:
        >>> from zc_bench.passes.channel_correlations import SampledCorrelations
        >>> meco_opt(SampledCorrelations(smallest=(0.5, 0.25), channels=(16, 4)))
        1.25

    References:
        Jiang, Wang & Bie 2023, MeCo, NeurIPS 2023.

    Deviations:
        Those of `meco`. The code fails for an output with fewer than eight channels.
    """
    pairs = zip(correlations.smallest, correlations.channels, strict=True)
    return float(sum(value * count / min(count, SAMPLED) for value, count in pairs))
