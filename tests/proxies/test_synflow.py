import math

import pytest
import torch
from torch import nn

from networks import case, score
from zc_bench.engine.scores import InvalidScoreError, Status
from zc_bench.passes.synaptic_flow import SynapticFlow
from zc_bench.proxies.synflow import synflow


def test_it_is_the_log_of_the_summed_absolute_products() -> None:
    flow = SynapticFlow(
        (torch.tensor([[1.0, -2.0]]), torch.tensor([3.0])),
        (torch.tensor([[4.0, 5.0]]), torch.tensor([2.0])),
    )
    assert synflow(flow) == pytest.approx(math.log(4 + 10 + 6))


def test_no_flow_is_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="no path"):
        synflow(SynapticFlow((torch.ones(2),), (torch.zeros(2),)))


def test_the_flow_of_two_layers_by_hand() -> None:
    first, second = nn.Linear(2, 2, bias=False), nn.Linear(2, 1, bias=False)
    first.weight.data = torch.tensor([[1.0, -2.0], [3.0, 4.0]])
    second.weight.data = torch.tensor([[-1.0, 0.5]])
    # With absolute weights and inputs one, 3 and 7 come out of the first, 1 * 3 + 0.5 * 7 = 6.5 of
    # the second. Every layer's sum of w * dR/dw is R.
    assert score(case(nn.Sequential(first, nn.ReLU(), second), 4, 2), ["synflow"])[
        "synflow"
    ].value == pytest.approx(math.log(2 * 6.5))


def test_more_than_float32_can_hold_flows() -> None:
    layers = [nn.Linear(50, 50, bias=False) for _ in range(30)]
    for layer in layers:
        nn.init.constant_(layer.weight, 1.0)
    # 50 inputs, and every layer multiplies by 50.
    found = score(case(nn.Sequential(*layers), 4, 50), ["synflow"])["synflow"]
    assert found.status is Status.DONE
    assert found.value == pytest.approx(math.log(30) + 31 * math.log(50))


def test_dropout_draws_by_the_seed_alone() -> None:
    network = nn.Sequential(nn.Linear(20, 20), nn.Dropout(0.5), nn.Linear(20, 2))
    built = case(network, 4, 20)
    first = score(built, ["synflow"])["synflow"].value
    torch.rand(3)
    assert score(built, ["synflow"])["synflow"].value == first
