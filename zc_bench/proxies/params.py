"""Number of parameters."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.network_size import NetworkSize


@proxy("params", source="Krishnakumar et al. 2022, arXiv:2210.03230, section 2.1")
def params(size: NetworkSize) -> float:
    """Millions of parameters.

    Formula:

        score = P / 10^6

    P is the number of parameters of the network, trained or not. A shared parameter counts once.

    Args:
        size: the number of parameters.

    Returns:
        Millions, from 0 up; higher is better.

    Examples:
        >>> from zc_bench.passes.network_size import NetworkSize
        >>> params(NetworkSize(parameters=1_500_000))
        1.5

    References:
        Krishnakumar et al. 2022, NAS-Bench-Suite-Zero, arXiv:2210.03230, section 2.1.

    Deviations:
        None known. The published scores of NAS-Bench-Suite-Zero are the same numbers.
    """
    return size.parameters / 1e6
