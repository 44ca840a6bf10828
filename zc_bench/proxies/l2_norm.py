"""Norm of the initial weights."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.weights import Weights


@proxy(
    "l2_norm",
    source="Abdelfattah et al. 2021, arXiv:2101.08134, section 3.1 (there: l2 norm of weights)",
)
def l2_norm(weights: Weights) -> float:
    """Sum over Conv2d and Linear layers of the Euclidean norm of the weights."""
    return sum(float(weight.norm()) for weight in weights.weights)
