"""Scoring leaves a network, its batch and torch as they were, also after an error."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from probes import small_case, small_network
from torch import Tensor, nn

import zc_bench
from networks import REGULARISATION, Case, case, score
from reference import TWINS
from traces import everything
from zc_bench.engine.scores import Status


def lived_in(built: Case) -> Case:
    """Give a network gradients, statistics, a hook, and some parts in evaluation mode."""
    network = built.network
    nn.functional.cross_entropy(network(built.images), built.labels).backward()
    network.zero_grad(set_to_none=False)
    for index, parameter in enumerate(network.parameters()):
        parameter.grad = torch.full_like(parameter, 0.5) if index % 2 else None
    network.register_forward_hook(lambda *_: None)
    network.eval()
    next(network.children()).train()
    return built


@pytest.mark.parametrize("name", sorted(TWINS))
def test_a_proxy_leaves_no_trace(name: str) -> None:
    built = lived_in(small_case())
    before = everything(built)
    assert score(built, [name])[name].status is Status.DONE
    assert everything(built) == before


def test_all_proxies_together_leave_no_trace() -> None:
    built = lived_in(small_case())
    before = everything(built)
    assert {entry.status for entry in score(built, sorted(TWINS)).values()} == {Status.DONE}
    assert everything(built) == before


def test_images_that_ask_for_a_gradient_get_none() -> None:
    built = small_case()
    built.images.requires_grad_()
    before = everything(built)
    score(built)
    assert everything(built) == before


def test_a_network_that_begins_in_place_does_not_overwrite_the_images() -> None:
    network = nn.Sequential(nn.ReLU(inplace=True), small_network())
    built = case(network, 8, 3, 6, 6)
    before = everything(built)
    assert {entry.status for entry in score(built, sorted(TWINS)).values()} == {Status.DONE}
    assert everything(built) == before


def test_layers_in_two_places_get_their_own_tensors_back() -> None:
    layer, norm, tied = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), nn.Linear(3, 3)
    tied_too = nn.Linear(3, 3)
    tied_too.weight = tied.weight
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), tied, tied_too)
    built = case(nn.Sequential(layer, norm, nn.ReLU(), layer, norm, nn.ReLU(), head), 6, 3, 5, 5)
    before = everything(built)
    assert {entry.status for entry in score(built, sorted(TWINS)).values()} == {Status.DONE}
    assert everything(built) == before


class Breaks(nn.Module):
    """Raises when it runs for the given time."""

    def __init__(self, error: BaseException, at: int = 1) -> None:
        super().__init__()
        self.error, self.left = error, at

    def forward(self, x: Tensor) -> Tensor:
        self.left -= 1
        if self.left == 0:
            raise self.error
        return x

    def __deepcopy__(self, memo: dict[int, Any]) -> "Breaks":
        """Count the runs of copies as well."""
        return self


@pytest.mark.parametrize("name", sorted(set(TWINS) - {"params", "l2_norm", "layers", "width"}))
def test_a_network_that_breaks_costs_a_score_and_leaves_no_trace(name: str) -> None:
    built = case(small_network(Breaks(ValueError("broken on purpose"))), 8, 3, 6, 6)
    before = everything(built)
    found = score(built, [name])[name]
    assert found.status is Status.FAILED
    assert "ValueError: broken on purpose" in found.reason
    assert everything(built) == before


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_an_interruption_in_any_forward_pass_goes_through_and_leaves_no_trace(at: int) -> None:
    probe = Breaks(KeyboardInterrupt(), at)
    built = case(small_network(probe), 8, 3, 6, 6)
    before = everything(built)
    with pytest.raises(KeyboardInterrupt):
        score(built, sorted(TWINS))
    assert probe.left == 0
    probe.left = at
    assert everything(built) == before


def breaking(_outputs: Tensor, _labels: Tensor) -> Tensor:
    message = "a loss that breaks"
    raise ValueError(message)


def breaking_backwards(outputs: Tensor, labels: Tensor) -> Tensor:
    loss = nn.functional.cross_entropy(outputs, labels)
    loss.register_hook(lambda _: breaking(outputs, labels))
    return loss


@pytest.mark.parametrize("loss", [breaking, breaking_backwards])
def test_a_loss_that_breaks_costs_the_proxies_of_the_loss_and_leaves_no_trace(
    loss: Callable[..., Tensor],
) -> None:
    built = small_case()
    before = everything(built)
    found = zc_bench.score(
        built.network,
        built.images,
        built.labels,
        proxies="all",
        loss=loss,
        second=built.second,
        regularisation=REGULARISATION,
    )
    failed = {name for name in TWINS if found[name].status is Status.FAILED}
    assert failed == {
        *("grad_norm", "snip", "plain", "fisher", "grasp", "zico"),
        *("gradsign", "l_swag", "wrcor"),
    }
    assert all("ValueError: a loss that breaks" in found[name].reason for name in failed)
    assert everything(built) == before
