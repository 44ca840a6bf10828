"""Mean width of the layers."""

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.network_size import LayerSizes


@proxy("width", source="zc-bench, a baseline")
def width(sizes: LayerSizes) -> float:
    """Mean number of channels that Conv2d and Linear modules give.

    Formula, with C_l the channels that module l gives:

        score = mean_l C_l

    Args:
        sizes: `widths` holds C_l, one integer per module.

    Returns:
        Channels, from 1 up; higher is better.

    Raises:
        InvalidScoreError: if there is no such module.

    Examples:
        >>> from zc_bench.passes.network_size import LayerSizes
        >>> width(LayerSizes(tensors=3, widths=(16, 32, 10)))  # 58 / 3
        19.333333333333332

    References:
        None: what a proxy must beat. On NAS-Bench-201, whose cells all have the same channels, it
        only says how many convolutions there are, and falls with them.

    Deviations:
        None.
    """
    if not sizes.widths:
        message = "the network has no Conv2d or Linear layer"
        raise InvalidScoreError(message)
    return sum(sizes.widths) / len(sizes.widths)
