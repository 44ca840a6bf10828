import pytest
import torch

from networks import Layer, Recipe, score
from reference import TWINS
from zc_bench.passes.loss_gradients import ChannelGradients
from zc_bench.proxies.fisher import fisher


def test_it_halves_the_mean_square_over_images_and_counts_it_for_every_weight() -> None:
    # Two images. One layer has two channels of nine weights, one has one of four.
    gates = (torch.tensor([[1.0, 0.0], [-3.0, 2.0]]), torch.tensor([[4.0], [0.0]]))
    by_hand = 0.5 * (1 + 9) / 2 * 9 + 0.5 * (0 + 4) / 2 * 9 + 0.5 * (16 + 0) / 2 * 4
    assert fisher(ChannelGradients(gates, (9, 4))) == pytest.approx(by_hand)


@pytest.mark.parametrize("activation", ["relu in place", "leaky"])
def test_a_convolution_whose_output_is_rectified_in_place_has_its_own_output(activation: str) -> None:
    layer = Layer(norm=False, activation=activation)
    case = Recipe((layer, layer), seed=8).build()
    assert score(case, ["fisher"])["fisher"].value == pytest.approx(TWINS["fisher"](case), rel=1e-9)


def test_calls_of_a_layer_are_added_before_squaring() -> None:
    case = Recipe((Layer(width=3, twice=True),), seed=8).build()
    assert score(case, ["fisher"])["fisher"].value == pytest.approx(TWINS["fisher"](case), rel=1e-9)
