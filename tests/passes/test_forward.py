"""The forward pass: one for all proxies, with a graph only where a pass differentiates it."""

import pytest
import torch
from probes import CallProbe, ModeProbe, small_case, trial_of
from torch import nn

from networks import case, score
from zc_bench.engine.declare import Requested
from zc_bench.engine.scores import Status
from zc_bench.passes.forward import Forward, forward
from zc_bench.passes.relu_patterns import ReluPatterns

PATTERNS = ("swap", "reg_swap", "nwot", "linear_regions")
LOSS = ("grad_norm", "snip", "plain", "fisher")
JACOBIAN = ("jacov", "epe_nas")


@pytest.mark.parametrize("names", [[name] for name in PATTERNS] + [PATTERNS])
def test_proxies_of_patterns_pay_for_no_graph(names: tuple[str, ...]) -> None:
    probe = ModeProbe()
    score(small_case(probe), names)
    assert probe.seen == [{"grad": False, "inference": True, "graph": False, "training": True}]


@pytest.mark.parametrize("name", [*LOSS, *JACOBIAN])
def test_proxies_of_gradients_get_a_graph(name: str) -> None:
    probe = ModeProbe()
    score(small_case(probe), [name])
    assert probe.seen == [{"grad": True, "inference": False, "graph": True, "training": True}]


@pytest.mark.parametrize(
    ("names", "calls"),
    [
        (("params", "l2_norm"), []),
        (("flops",), ["forward 2", "forward 3", "forward 4"]),
        (PATTERNS, ["forward 8"]),
        (LOSS, ["forward 8", "backward"]),
        (JACOBIAN, ["forward 8", "backward"]),
        ((*PATTERNS, *LOSS, *JACOBIAN), ["forward 8", "backward", "backward"]),
        ((*JACOBIAN, *LOSS, *PATTERNS), ["forward 8", "backward", "backward"]),
        (("zico", *LOSS), ["forward 8", "backward", "forward 8", "backward"]),
        (("zen",), ["forward 8", "forward 8"]),
        (("synflow",), ["forward 1", "backward"]),
    ],
)
def test_how_often_the_network_runs(names: tuple[str, ...], calls: list[str]) -> None:
    probe = CallProbe()
    found = score(small_case(probe), names)
    assert probe.calls == calls
    assert {entry.status for entry in found.values()} == {Status.DONE}


def test_the_second_derivative_shares_the_forward_pass() -> None:
    probe = CallProbe()
    score(small_case(probe), ("grasp", *LOSS, *JACOBIAN, *PATTERNS))
    assert [call for call in probe.calls if call.startswith("forward")] == ["forward 8"]


def test_a_forward_pass_gives_what_the_network_gives() -> None:
    trial = trial_of(small_case())
    network = trial.network
    network[3].p = 0.0  # draws nothing
    given, *_ = forward(trial, Requested([Forward]))
    assert torch.equal(given.outputs, network(trial.images))
    assert given.images.is_leaf
    assert given.images.requires_grad
    assert not trial.images.requires_grad


def test_the_calls_of_convolutions_and_linear_layers_are_listed_in_order() -> None:
    trial = trial_of(small_case())
    given, *_ = forward(trial, Requested([Forward]))
    layers = [trial.network[index] for index in (0, 4, 8)]
    assert [call.layer for call in given.layer_outputs] == layers
    assert [tuple(call.output.shape) for call in given.layer_outputs] == [
        (8, 6, 6, 6),
        (8, 6, 4, 4),
        (8, 3),
    ]


def test_what_nobody_wants_is_left_out() -> None:
    trial = trial_of(small_case())
    assert forward(trial, Requested([Forward]))[1] is None
    assert forward(trial, Requested([ReluPatterns]))[0] is None


def test_dropout_draws_the_same_in_every_pass_of_a_trial() -> None:
    trial = trial_of(small_case())
    first, *_ = forward(trial, Requested([Forward]))
    torch.rand(5)
    second, *_ = forward(trial, Requested([Forward]))
    assert torch.equal(first.outputs, second.outputs)


def test_dropout_draws_by_the_seed() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(12, 3))
    first, second = (
        forward(trial_of(case(network, 4, 3, 2, 2)), Requested([Forward]))[0].outputs,
        forward(trial_of(case(network, 4, 3, 2, 2, seed=0)), Requested([Forward]))[0].outputs,
    )
    assert torch.equal(first, second)
    built = case(network, 4, 3, 2, 2)
    other = trial_of(type(built)(network, built.images, built.labels, built.second, seed=1))
    assert not torch.equal(first, forward(other, Requested([Forward]))[0].outputs)
