"""Number of parameters."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.network_size import NetworkSize


@proxy("params", source="Krishnakumar et al. 2022, arXiv:2210.03230, section 2.1")
def params(size: NetworkSize) -> float:
    """Millions of parameters."""
    return size.parameters / 1e6
