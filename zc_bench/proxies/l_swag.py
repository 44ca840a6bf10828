"""Layer-sample wise activation with gradients."""

import torch
from torch import Tensor

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.batch_gradients import BatchGradients
from zc_bench.passes.distinct_patterns import DistinctPatterns


@proxy(
    "l_swag",
    source="Casarin et al. 2025, L-SWAG, arXiv:2505.07300, eq. 1 and 6-8, without choice of layers",
    uses_labels=True,
)
def l_swag(gradients: BatchGradients, patterns: DistinctPatterns) -> float:
    """Sum over layers of the log of summed inverse deviations of |dL/dw|, times distinct patterns.

    Formula, with g_1 and g_2 the gradients of a weight on two batches, and S the number of distinct
    sample-wise activation patterns (see `swap`):

        score = S * sum_l ln( sum_{w in l} 1 / std(|g_1|, |g_2|) )

    std is the standard deviation of the population, ||g_1| - |g_2|| / 2. A weight with a deviation
    of zero does not count, nor does a layer that consists of such weights.

    Args:
        gradients: `first` and `second` hold g_1 and g_2, one tensor per layer, in equal shapes.
        patterns: `count` is S.

    Returns:
        A number without unit, of either sign; higher is better.

    Raises:
        InvalidScoreError: if no layer counts.

    Examples:
        The deviations are 1 and 1/2; three patterns are distinct: 3 ln(1 + 2).

        >>> import torch
        >>> from zc_bench.passes.batch_gradients import BatchGradients
        >>> from zc_bench.passes.distinct_patterns import DistinctPatterns
        >>> gradients = BatchGradients((torch.tensor([3.0, 1.0]),), (torch.tensor([-1.0, 2.0]),))
        >>> round(l_swag(gradients, DistinctPatterns(3)), 4)
        3.2958

    References:
        Casarin, Escalera and Lanz 2025, L-SWAG, arXiv:2505.07300, eq. 1 and 6-8.

    Deviations:
        Uncertain, because no code was found. The authors choose a range of layers per benchmark,
        and do not state it; here all layers count. They do not state how many batches there are
        (here two, as in ZiCo), whether the variance is that of the population, or what happens to a
        variance of zero. Patterns are those of ReLU, or of GELU and others with
        `activations="all"`. The first factor may be negative; more patterns then lower the score.
    """
    sums = torch.stack(
        [
            _inverse_deviations(first, second)
            for first, second in zip(gradients.first, gradients.second, strict=True)
        ]
    )
    counted = sums[sums != 0]  # keeps NaN: the score is then invalid
    if not len(counted):
        message = "the absolute gradients of the two batches are equal in every layer"
        raise InvalidScoreError(message)
    return patterns.count * float(counted.log().sum())


def _inverse_deviations(first: Tensor, second: Tensor) -> Tensor:
    deviation = (first.abs() - second.abs()).abs().double() / 2
    return torch.where(deviation == 0, 0.0, 1 / deviation).sum()
