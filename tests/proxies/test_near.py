import pytest
import torch
from torch import nn

from networks import Layer, Recipe, case, score
from zc_bench.engine.scores import Status
from zc_bench.passes.activation_windows import ActivationWindows
from zc_bench.proxies.near import effective_rank, near


def test_it_adds_effective_ranks() -> None:
    values = torch.tensor([2.0, 2.0, 2.0]), torch.tensor([4.0, 0.0]), torch.zeros(5)
    assert near(ActivationWindows(values)) == pytest.approx(3 + 1 + 0)


def test_the_rank_of_unequal_values_by_hand() -> None:
    # p = (3/4, 1/4)
    assert effective_rank(torch.tensor([3.0, 1.0])) == pytest.approx(4 / 3**0.75)


def test_a_linear_network_by_hand() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(2, 2), nn.ReLU())
    with torch.no_grad():
        network[1].weight.copy_(torch.eye(2))
        network[1].bias.zero_()
    built = case(network, 2, 2, 1, 1)
    built.images[:] = torch.tensor([[1.0, 0.0], [0.0, -1.0]]).view(2, 2, 1, 1)
    # Before the ReLU both singular values are 1, after it only one is left.
    assert score(built, ["near"])["near"].value == pytest.approx(2 + 1)


def test_fewer_rows_than_channels_are_taken_as_they_are() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 5)).double()
    assert 1 < score(case(network, 3, 3, 2, 2), ["near"])["near"].value <= 3


def test_a_network_without_layers_has_zero() -> None:
    assert score(case(nn.Flatten(), 4, 3, 2, 2), ["near"])["near"].value == 0


def test_it_counts_normalisations_and_any_activation() -> None:
    without, plain = (
        score(Recipe((Layer(norm=norm, activation=kind), Layer())).build(), ["near"])["near"].value
        for norm, kind in ((False, "none"), (False, "leaky"))
    )
    assert plain > without


def test_an_activation_that_is_not_finite_is_invalid() -> None:
    built = Recipe().build()
    built.images[0, 0, 0, 0] = torch.nan
    assert score(built, ["near"])["near"].status is Status.INVALID
