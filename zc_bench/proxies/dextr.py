"""Spread of feature maps and curvature of the outputs, put together."""

import math

import torch

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.output_curve import OutputCurve
from zc_bench.passes.output_ratios import OutputRatios

_ROUNDING = 1e-10


@proxy("dextr", source="Asthana et al. 2025, Dextr, arXiv:2508.12977, eq. 8, as the authors' code")
def dextr(maps: OutputRatios, curve: OutputCurve) -> float:
    """Half the harmonic mean of the logs of feature maps' evenness and of the outputs' curvature.

    Formula, with r_m the smallest over the largest singular value of the output (C, H * W) of
    module m for one image, and v and a the first and second derivatives of ten outputs with respect
    to the angle on a circle of random inputs, at one point:

        s = sum_m r_m
        k = |v|^-3 sqrt( |v|^2 |a|^2 - (v . a)^2 )
        score = A B / (A + B),  A = ln(1 + s),  B = ln(1 + k)

    Every call of every module counts, containers included. Vectors, such as the outputs, have one
    singular value and the ratio 1. The image is alone in its batch, in training mode. Labels do not
    count.

    Args:
        maps: `ratios` holds r_m.
        curve: `velocity` and `acceleration` hold v and a, `values` the outputs, (10,).

    Returns:
        A number without unit, from 0 up; higher is better.

    Raises:
        InvalidScoreError: if the outputs do not move along the circle, or not finitely. A velocity
            of 10^-10 times the outputs is rounding.

    Examples:
        s = 1 and k = 1, so A = B = ln 2, and the score is half of that.

        >>> import torch
        >>> from zc_bench.passes.output_curve import OutputCurve
        >>> from zc_bench.passes.output_ratios import OutputRatios
        >>> curve = OutputCurve(*torch.tensor([[2.0, 2.0], [1.0, 0.0], [5.0, 1.0]]))
        >>> round(dextr(OutputRatios((0.5, 0.5)), curve), 4)
        0.3466

    References:
        Asthana et al. 2025, Dextr, arXiv:2508.12977, eq. 8.

    Deviations:
        The paper integrates over the circle; the authors' code takes one point, so does this one.
        Where k has no value, their code returns A alone, and 12345 after any other error; here the
        score is invalid. Their circle has images of 64 x 64 pixels whatever the task, here the
        size of the task, in double precision. Their image is the first of the batch, here the one
        with the smallest sum, so that the order of the batch does not count.
    """
    velocity, acceleration = curve.velocity.double(), curve.acceleration.double()
    speed, rounding = velocity.norm(), _ROUNDING * curve.values.double().norm()
    if not bool(torch.isfinite(torch.cat([velocity, acceleration])).all()) or speed <= rounding:
        message = "the outputs do not move along a circle of inputs, or not finitely"
        raise InvalidScoreError(message)
    # The same as the formula, without the difference of two large numbers.
    across = acceleration - (acceleration @ velocity) / speed.square() * velocity
    bend = math.log1p(float(across.norm() / speed.square()))
    spread = math.log1p(math.fsum(maps.ratios))
    return spread * bend / (spread + bend) if bend else 0.0
