"""Gaussian complexity of the function that a network computes."""

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.gaussian_forward import GaussianForward


@proxy(
    "zen",
    source="Lin et al. 2021, Zen-NAS, arXiv:2102.01063, algorithm 1, as in NAS-Bench-Suite-Zero",
)
def zen(forward: GaussianForward) -> float:
    """Log of the mean change of the features under a perturbation, plus the logs of the normalisations' scales.

    The change is summed over the features of an image and averaged over the batch. Every batch normalisation adds half
    the log of its mean variance, which it took away. As in the reference that variance is the running variance after
    two batches, 0.81 + 0.09 v1 + 0.1 v2, not the batch's own.

    Raises:
        InvalidScoreError: if the features do not depend on the inputs.
    """
    change = (forward.features - forward.perturbed).abs().flatten(1).sum(1).mean()
    if change == 0:
        message = "the features do not depend on the inputs"
        raise InvalidScoreError(message)
    scales = sum(0.5 * float(variance.mean().log()) for variance in forward.variances)
    return float(change.log()) + scales
