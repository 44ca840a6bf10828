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

    R is the sum of the outputs of the linearised network for an image of ones. Deviation: where nothing flows from the
    input to the output the score is invalid; NAS-Bench-Suite-Zero stores 0 there.

    Raises:
        InvalidScoreError: if nothing flows.
    """
    pairs = zip(flow.weights, flow.flow_grads, strict=True)
    total = sum(float((weight * grad).abs().sum()) for weight, grad in pairs)
    if total == 0:
        message = "nothing flows from the input to the output: no path leads there, or the outputs are saturated"
        raise InvalidScoreError(message)
    return math.log(total)
