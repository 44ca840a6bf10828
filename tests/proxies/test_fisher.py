import pytest
import torch
from torch import Tensor, nn

from networks import Layer, Recipe, case, score
from reference import TWINS
from zc_bench.engine.scores import Status
from zc_bench.passes.loss_gradients import ChannelGradients
from zc_bench.proxies.fisher import fisher


def test_it_halves_the_mean_square_over_images_and_counts_it_for_every_weight() -> None:
    # Two images. One layer has two channels of nine weights, one has one of four.
    gates = (torch.tensor([[1.0, 0.0], [-3.0, 2.0]]), torch.tensor([[4.0], [0.0]]))
    by_hand = 0.5 * (1 + 9) / 2 * 9 + 0.5 * (0 + 4) / 2 * 9 + 0.5 * (16 + 0) / 2 * 4
    assert fisher(ChannelGradients(gates, (9, 4))) == pytest.approx(by_hand)


@pytest.mark.parametrize("rectifier", [nn.ReLU(inplace=True), nn.LeakyReLU(0.2, inplace=True)])
def test_a_convolution_whose_output_is_rectified_in_place_has_its_own_output(
    rectifier: nn.Module,
) -> None:
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    built = case(nn.Sequential(nn.Conv2d(3, 4, 3), rectifier, head).double(), 6, 3, 5, 5)
    assert score(built, ["fisher"])["fisher"].value == pytest.approx(
        TWINS["fisher"](built), rel=1e-9
    )


class Adds(nn.Module):
    """Adds to the output of a convolution in place."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        y += x
        return nn.functional.relu_(y)


def test_an_output_that_is_lost_fails_instead_of_giving_a_wrong_number() -> None:
    network = nn.Sequential(Adds(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3))
    found = score(case(network, 6, 3, 5, 5), ["fisher", "snip"])
    assert found["fisher"].status is Status.FAILED
    assert "write y = y + x, not y += x" in found["fisher"].reason
    assert found["snip"].status is Status.DONE


def test_calls_of_a_layer_are_added_before_squaring() -> None:
    built = Recipe((Layer(width=3, twice=True),), seed=8).build()
    assert score(built, ["fisher"])["fisher"].value == pytest.approx(
        TWINS["fisher"](built), rel=1e-9
    )
