"""The batch-normalisation term of the Zen score: a proxy of an observation of zc-bench."""

from zc_bench import proxy
from zc_bench.passes.gaussian_forward import GaussianForward


@proxy(
    "bn_score",
    source="Lin et al. 2021, Zen-NAS, arXiv:2102.01063, algorithm 1, the second term alone",
)
def bn_score(forward: GaussianForward) -> float:
    """Sum over batch normalisations of half the log of the mean variance that they take away."""
    return sum(0.5 * float(variance.mean().log()) for variance in forward.variances)
