import math

import numpy as np
import pytest
import torch
from torch import nn

import zc_bench
from networks import Layer, Recipe, case, score
from zc_bench.engine.scores import InvalidScoreError, Status
from zc_bench.passes import logit_jacobian as module
from zc_bench.passes.logit_jacobian import LogitJacobian, logit_jacobian
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.proxies.vkdnw import cholesky, vkdnw
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry


def test_equal_singular_values_have_the_largest_entropy() -> None:
    jacobian = torch.zeros(3, 2, 3)
    for image in range(3):
        jacobian[image, :, image] = torch.tensor([1.0, -1.0])
    found = vkdnw(LogitJacobian(torch.zeros(3, 2), jacobian, tensors=7))
    assert found == pytest.approx(7 + math.log(9), abs=1e-6)


def test_unequal_singular_values_by_hand() -> None:
    # p = (1/2, 1/2): L is ((1/2, 0), (-1/2, 0)), so |L J|^2 is half the square of the first row.
    jacobian = torch.tensor([[[1.0, 3.0], [5.0, 5.0]]])
    quantiles = np.arange(1, 10) / 10 * 0.5 * (1 + 9)  # F has rank one: 0 and (1 + 9) / 2
    shares = quantiles / quantiles.sum()
    by_hand = 2 - float((shares * np.log(shares)).sum())
    assert vkdnw(LogitJacobian(torch.zeros(1, 2), jacobian, tensors=2)) == pytest.approx(by_hand)


def test_without_derivatives_the_entropy_is_zero() -> None:
    assert vkdnw(LogitJacobian(torch.zeros(2, 3), torch.zeros(2, 3, 4), tensors=5)) == 5


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_derivatives_that_are_no_numbers_are_invalid(value: float) -> None:
    with pytest.raises(InvalidScoreError, match="not finite"):
        vkdnw(LogitJacobian(torch.zeros(1, 2), torch.full((1, 2, 1), value), tensors=1))


def test_the_factor_of_a_certain_class_is_finite() -> None:
    shares = torch.tensor([[1.0]], dtype=torch.float64)
    assert cholesky(shares).tolist() == [[[0.0]]]


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe((Layer(norm=False), Layer(grouped=True, residual=True)), head="flatten"),
        Recipe((Layer(activation="relu in place", twice=True, width=3, kernel=3),), channels=3),
        Recipe(head="mlp"),
        Recipe(size=5, classes=10),
    ],
)
def test_backward_passes_and_tangents_agree(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = recipe.build()
    trial = TrialInputs(built.network, built.images, None, nn.functional.cross_entropy, 0)
    # The modules of these networks come from the tests.
    monkeypatch.setattr(module, "only_modules", lambda _: True)
    backward = logit_jacobian(trial)
    monkeypatch.setattr(module, "_backward", lambda *_: None)
    tangents = logit_jacobian(trial)
    assert torch.equal(backward.logits, tangents.logits)
    assert torch.allclose(backward.jacobian, tangents.jacobian, rtol=1e-9, atol=1e-12)
    assert backward.jacobian.any(0).any(0).sum() >= len(list(built.network.parameters())) // 2


def test_strided_and_dilated_convolutions_by_backward_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layers = nn.Conv2d(3, 4, 3, 2, 2, dilation=2), nn.ReLU(), nn.Conv2d(4, 4, (3, 2), groups=2)
    head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    network = nn.Sequential(*layers, *head).double()
    images = torch.randn(3, 3, 9, 8, dtype=torch.float64)
    trial = TrialInputs(network, images, None, nn.functional.cross_entropy, 0)
    backward = logit_jacobian(trial)
    monkeypatch.setattr(module, "_backward", lambda *_: None)
    assert torch.allclose(backward.jacobian, logit_jacobian(trial).jacobian, rtol=1e-9, atol=1e-12)


def test_a_cell_has_as_many_tensors_as_published() -> None:
    space, task = space_registry["nb201"], task_registry["cifar10"]
    for key, edges in (("(4, 0, 3, 1, 4, 3)", 2), ("(2, 2, 2, 3, 2, 3)", 6)):
        network = space.build(space.parse(key), task)
        images = torch.randn(2, 3, 32, 32)
        found = zc_bench.score(network, images, proxies=["vkdnw"])["vkdnw"].value
        tensors = 21 + 45 * edges
        assert tensors - 1e-9 <= found <= tensors + math.log(9)


def test_neither_weights_nor_images_enter() -> None:
    first, other = Recipe(seed=1).build(), Recipe(seed=2).build()
    found = [
        score(type(built)(built.network, built.images, built.labels, built.second, 5), ["vkdnw"])
        for built in (first, other)
    ]
    assert found[0]["vkdnw"].value == found[1]["vkdnw"].value


def test_values_and_maps_are_no_logits() -> None:
    built = Recipe().build()
    values = torch.randn(4, 3, dtype=torch.float64)
    found = zc_bench.score(built.network, built.images, values, proxies=["vkdnw"])["vkdnw"]
    assert found.status is Status.UNDEFINED
    assert "values" in found.reason
    maps = score(case(nn.Conv2d(3, 3, 1), 2, 3, 2, 2), ["vkdnw"])["vkdnw"]
    assert maps.status is Status.UNDEFINED
    assert "another form" in maps.reason


def test_batch_normalisation_without_statistics_is_undefined() -> None:
    norm = nn.BatchNorm2d(3, track_running_stats=False)
    network = nn.Sequential(norm, nn.Flatten(), nn.Linear(12, 2))
    found = score(case(network, 4, 3, 2, 2), ["vkdnw"])["vkdnw"]
    assert found.status is Status.UNDEFINED
    assert "running statistics" in found.reason
