"""Synaptic flow."""

import math

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.synaptic_flow import SynapticFlow


@proxy(
    "synflow",
    source="Tanaka et al. 2020, arXiv:2006.05467, eq. 2-3, without batch normalisation, as logarithm",
)
def synflow(flow: SynapticFlow) -> float:
    """Natural logarithm of the sum over Conv2d and Linear weights of |w * dR/dw|.

    Formula:

        score = ln( sum_w |w * dR/dw| )

    R is the sum of the outputs for one image of ones. The network has no batch normalisation, and
    every parameter and buffer is replaced by its absolute value.

    Args:
        flow: `weights` and `flow_grads` hold w and dR/dw, float64, one tensor per layer, in equal
            shapes.

    Returns:
        A logarithm of either sign; higher is better.

    Raises:
        InvalidScoreError: if the sum is zero: no path leads from the input to the output, or the
            outputs are saturated.

    Examples:
        ln(2 * 1 + 1 * 3) = ln 5.

        >>> import torch
        >>> from zc_bench.passes.synaptic_flow import SynapticFlow
        >>> weights, grads = (torch.tensor([[2.0, 1.0]]),), (torch.tensor([[1.0, 3.0]]),)
        >>> round(synflow(SynapticFlow(weights, grads)), 4)
        1.6094

    References:
        Tanaka et al. 2020, SynFlow, arXiv:2006.05467, eq. 2-3.

    Deviations:
        The paper does not take the logarithm; NAS-Bench-Suite-Zero does. It stores 0 where the sum
        is zero.
    """
    pairs = zip(flow.weights, flow.flow_grads, strict=True)
    total = sum(float((weight * grad).abs().sum()) for weight, grad in pairs)
    if total == 0:
        message = (
            "nothing flows from the input to the output: no path leads there, or the outputs are "
            "saturated"
        )
        raise InvalidScoreError(message)
    return math.log(total)
