"""Change of the outputs between two constant weights."""

import torch
from torch import Tensor

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.constant_weights import ConstantWeights


@proxy("epsinas", source="Gracheva 2025, epsinas, arXiv:2302.04406, as the authors' code")
def epsinas(outputs: ConstantWeights) -> float:
    """Mean change of the scaled outputs between two constant weights, over their mean.

    Formula, with y_w the outputs for the N images where all weights are w and all biases zero, and
    w = 10^-7 and 1:

        p_w = (y_w - min y_w) / (max y_w - min y_w)
        score = mean_n |p_1n - p_2n| / mean(p_1, p_2)

    Values p of exactly zero do not count in either mean. Batch normalisation uses the statistics of
    the batch: without it both p are equal, and the score is 0 up to rounding. In single precision
    almost half of the networks of NAS-Bench-201 have no score: 10^-7 shrinks the outputs to zero,
    or to the same number for all images. Say with a correlation how many networks it rests on.

    Args:
        outputs: `first` and `second` hold y_w, (N,).

    Returns:
        A number without unit, from 0 up; higher is better.

    Raises:
        InvalidScoreError: if no value counts: the outputs are equal for all images, for instance
            because they are too small for single precision, or are not finite.

    Examples:
        p is (0, 1/2, 1), then (0, 1/4, 1). The zeros do not count: mean(1/4, 0) over 2.75 / 4.

        >>> import torch
        >>> from zc_bench.passes.constant_weights import ConstantWeights
        >>> y = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.0, 1.0, 4.0])
        >>> round(epsinas(ConstantWeights(*y)), 6)
        0.181818

    References:
        Gracheva 2025, arXiv:2302.04406.

    Deviations:
        The authors give the network a head with one output. With constant weights every output of a
        linear head is that of theirs; where outputs are no (N, K), their sum is taken. They have 256
        images. They choose the two constants per benchmark, so that few scores are invalid: these
        are those for NAS-Bench-201; those for NAS-Bench-101 are 10^-4 and 10. They leave networks
        without score, and with a score of zero, out of correlations: more than a third of all in
        one of their studies.
    """
    first, second = _scaled(outputs.first), _scaled(outputs.second)
    change = (first - second).abs().nanmean()
    level = torch.cat([first, second]).nanmean()
    if not torch.isfinite(change) or not torch.isfinite(level):
        message = (
            "with constant weights the outputs are the same for all images, or not finite: no value "
            "is left"
        )
        raise InvalidScoreError(message)
    return float(change / level)


def _scaled(values: Tensor) -> Tensor:
    """Scale to [0, 1] in the precision of the network; NaN in the place of zeros."""
    scaled = (values - values.min()) / (values.max() - values.min())
    return torch.where(scaled == 0, torch.nan, scaled)
