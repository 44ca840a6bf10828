"""MeCo: smallest eigenvalues of the correlations between channels."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.channel_correlations import (
    ChannelCorrelations,
    SampledCorrelations,
)

_SOURCE = "Jiang et al. 2023, MeCo, NeurIPS 2023, eq. 12"


@proxy("meco", source=_SOURCE)
def meco(correlations: ChannelCorrelations) -> float:
    """Sum over the outputs of all modules of the smallest eigenvalue of their channels' correlations."""
    return sum(correlations.smallest)


@proxy("meco_opt", source=_SOURCE)
def meco_opt(correlations: SampledCorrelations) -> float:
    """The same for eight channels of every output, drawn at random."""
    triples = zip(correlations.smallest, correlations.channels, correlations.sampled, strict=True)
    return sum(value * channels / sampled for value, channels, sampled in triples)
