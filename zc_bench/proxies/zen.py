"""Gaussian complexity of the function that a network computes."""

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.gaussian_forward import GaussianForward


@proxy(
    "zen",
    source="Lin et al. 2021, Zen-NAS, arXiv:2102.01063, algorithm 1, as in NAS-Bench-Suite-Zero",
)
def zen(forward: GaussianForward) -> float:
    """Log of the features' mean change under a perturbation, plus logs of normalisation scales.

    Formula, with f the features, x and e N(0, 1) inputs, and N(0, 1) weights:

        score = ln( mean_n sum |f(x_n) - f(x_n + 0.01 e_n)| ) + sum_b 1/2 * ln( mean_c v_bc )

    The inner sum goes over the features of an image. v_bc is the running variance of channel c in
    batch normalisation b after both forward passes: 0.81 + 0.09 v1 + 0.1 v2, with v1 and v2 the
    variances in the two passes.

    Args:
        forward: `features` and `perturbed` hold f(x) and f(x + 0.01 e), (N, ...); `variances` holds
            v_b, (C,) for each batch normalisation.

    Returns:
        A logarithm of either sign; higher is better.

    Raises:
        InvalidScoreError: if the features do not depend on the inputs.

    Examples:
        The features change by 1 + 1 = 2, and 1/2 * ln 4 = ln 2: the score is ln 2 + ln 2.

        >>> import torch
        >>> from zc_bench.passes.gaussian_forward import GaussianForward
        >>> features, perturbed = torch.tensor([[1.0, 2.0]]), torch.tensor([[2.0, 1.0]])
        >>> round(zen(GaussianForward(features, perturbed, (torch.tensor([4.0, 4.0]),))), 4)
        1.3863

    References:
        Lin et al. 2021, Zen-NAS, arXiv:2102.01063, algorithm 1.

    Deviations:
        As in NAS-Bench-Suite-Zero, the variance is the running variance after two batches, not that
        of the batch, and there is one repetition.
    """
    change = (forward.features - forward.perturbed).abs().flatten(1).sum(1).mean()
    if change == 0:
        message = "the features do not depend on the inputs"
        raise InvalidScoreError(message)
    scales = sum(0.5 * float(variance.mean().log()) for variance in forward.variances)
    return float(change.log()) + scales
