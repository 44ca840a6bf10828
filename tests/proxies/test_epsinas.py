import pytest
import torch
from torch import nn

from networks import Layer, Recipe, case, score
from zc_bench.engine.scores import InvalidScoreError, Status
from zc_bench.passes.constant_weights import ConstantWeights
from zc_bench.proxies.epsinas import epsinas


def of(first: list[float], second: list[float]) -> float:
    return epsinas(ConstantWeights(torch.tensor(first), torch.tensor(second)))


def test_it_compares_scaled_values_by_hand() -> None:
    # (0, 1/4, 1) and (1, 0, 1/2): the pair of both is the last; the values that count sum to 2.75.
    assert of([2.0, 3.0, 6.0], [4.0, 0.0, 2.0]) == pytest.approx(0.5 / (2.75 / 4))


def test_equal_outputs_are_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="same for all images"):
        of([1.0, 1.0], [1.0, 2.0])


def test_a_linear_network_has_none_of_it() -> None:
    # Without batch normalisation the weights only scale the outputs.
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
    assert score(case(network.double(), 6, 3, 2, 2), ["epsinas"])["epsinas"].value < 1e-12


def test_the_number_of_outputs_does_not_count() -> None:
    layers = (Layer(), Layer(residual=True))
    one, many = (
        score(Recipe(layers, classes=classes, images=6).build(), ["epsinas"])["epsinas"].value
        for classes in (1, 10)
    )
    assert one == many


def test_weights_do_not_enter() -> None:
    first, other = Recipe(seed=1).build(), Recipe(seed=2).build()
    found = [
        score(type(first)(built.network, first.images, first.labels, first.second), ["epsinas"])
        for built in (first, other)
    ]
    assert found[0]["epsinas"].value == found[1]["epsinas"].value


def test_maps_are_summed() -> None:
    network = nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2), nn.ReLU())
    found = score(case(network, 6, 3, 3, 3), ["epsinas"])["epsinas"]
    assert found.status is Status.DONE
