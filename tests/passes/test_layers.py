"""The layers and weights that count."""

import pytest
import torch
from probes import small_network, trial_of
from torch import nn

from networks import case
from zc_bench.passes.layers import layer_weights, weighted_layers
from zc_bench.passes.network_size import network_size
from zc_bench.passes.weights import weights


def test_convolutions_and_linear_layers_count_in_order() -> None:
    network = small_network()
    assert weighted_layers(network) == [network[0], network[4], network[8]]


@pytest.mark.parametrize(
    "layer",
    [nn.ConvTranspose2d(2, 2, 1), nn.Conv1d(2, 2, 1), nn.BatchNorm2d(2), nn.Bilinear(2, 2, 2)],
)
def test_no_other_layer_counts(layer: nn.Module) -> None:
    assert layer_weights(layer) == ()


def test_a_layer_in_two_places_counts_once() -> None:
    layer = nn.Linear(3, 3)
    assert len(layer_weights(nn.Sequential(layer, nn.ReLU(), layer))) == 1


def test_the_weights_pass_gives_the_weights_outside_the_graph() -> None:
    network = small_network()
    given = weights(trial_of(case(network, 2, 3, 6, 6))).weights
    assert all(
        torch.equal(one, layer.weight)
        for one, layer in zip(given, weighted_layers(network), strict=True)
    )
    assert not any(one.requires_grad for one in given)


def test_the_size_counts_every_parameter_once_trained_or_not() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(5, 2, bias=False))
    network[0].weight.requires_grad_(False)
    tied = nn.Sequential(network, nn.Linear(5, 2, bias=False))
    tied[1].weight = network[2].weight
    expected = 4 * 3 * 9 + 4 + 4 + 4 + 10
    assert network_size(trial_of(case(network, 2, 3, 6, 6)))[0].parameters == expected
    assert network_size(trial_of(case(tied, 2, 3, 6, 6)))[0].parameters == expected
