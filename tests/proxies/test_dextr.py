import math

import pytest
import torch
from torch import nn

from networks import Recipe, case, score
from zc_bench.engine.scores import InvalidScoreError, Status
from zc_bench.passes.output_curve import OutputCurve
from zc_bench.passes.output_ratios import OutputRatios
from zc_bench.proxies.dextr import dextr


def of(ratios: list[float], velocity: list[float], acceleration: list[float]) -> float:
    curve = OutputCurve(*map(torch.tensor, ([0.5, 0.5], velocity, acceleration)))
    return dextr(OutputRatios(tuple(ratios)), curve)


def test_it_puts_both_logs_together_by_hand() -> None:
    # The curvature: sqrt(25 * 5 - 11^2) / 125 = 2 / 125.
    spread, bend = math.log(4), math.log(1 + 2 / 125)
    found = of([1.0, 2.0], [3.0, 4.0], [1.0, 2.0])
    assert found == pytest.approx(spread * bend / (spread + bend), rel=1e-6)


def test_a_straight_line_has_zero() -> None:
    assert of([1.0], [1.0, 2.0], [0.0, 0.0]) == 0


@pytest.mark.parametrize("velocity", [[0.0, 0.0], [1e-17, 0.0], [math.nan, 1.0]])
def test_no_movement_is_invalid(velocity: list[float]) -> None:
    with pytest.raises(InvalidScoreError, match="do not move"):
        of([1.0], velocity, [1.0, 1.0])


def test_a_linear_network_goes_along_an_ellipse() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 12, bias=False)).double()
    with torch.no_grad():
        network[1].weight.copy_(torch.eye(12))
    built = case(network, 3, 3, 2, 2)
    found = score(built, ["dextr"])["dextr"].value
    # The network, its two layers: three vectors. The curvature of a circle in some coordinates.
    assert 0 < found < math.log(4)


def test_a_single_value_per_channel_is_invalid() -> None:
    found = score(Recipe(images=4, size=1).build(), ["dextr"])["dextr"]
    assert found.status is Status.INVALID
    assert "single value per channel" in found.reason
