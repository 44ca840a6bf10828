"""Number of operations."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.multiply_adds import MultiplyAdds


@proxy("flops", source="Krishnakumar et al. 2022, arXiv:2210.03230, section 2.1")
def flops(operations: MultiplyAdds) -> float:
    """Millions of multiply-adds per image."""
    return operations.total / 1e6
