"""Number of operations."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.multiply_adds import MultiplyAdds


@proxy("flops", source="Krishnakumar et al. 2022, arXiv:2210.03230, section 2.1")
def flops(operations: MultiplyAdds) -> float:
    """Millions of multiply-adds per image.

    Formula:

        score = sum_l operations(l) / 10^6

    The sum goes over the calls of all layers. A convolution, Linear layer, batch normalisation,
    ReLU or pooling counts as `zc_bench.passes.multiply_adds` says. All else counts zero: sums,
    concatenations, transposed convolutions.

    Args:
        operations: the number of multiply-adds for one image.

    Returns:
        Millions, from 0 up; higher is better.

    Examples:
        >>> from zc_bench.passes.multiply_adds import MultiplyAdds
        >>> flops(MultiplyAdds(total=2_500_000))
        2.5

    References:
        Krishnakumar et al. 2022, NAS-Bench-Suite-Zero, arXiv:2210.03230, section 2.1.

    Deviations:
        The published scores of NAS-Bench-Suite-Zero are the same numbers, with two exceptions. For
        jigsaw they count the encoder for one of the nine tiles. On NAS-Bench-101 they leave out the
        mean over the image.
    """
    return operations.total / 1e6
