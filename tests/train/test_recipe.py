"""Numbers of the paper of DARTS (arXiv:1806.09055, appendix A) and of its published scripts."""

from dataclasses import asdict, replace

import pytest
import torch

from zc_bench.errors import ZcBenchError
from zc_bench.train import recipes

CIFAR, IMAGENET = recipes["darts"]["cifar10"], recipes["darts"]["imagenet"]


def test_cifar10_is_trained_as_published() -> None:
    assert asdict(CIFAR) == {
        "skeleton": {"width": 36, "cells": 20, "stem": "cifar", "affine": True},
        "epochs": 600,
        "batch_size": 96,
        "learning_rate": 0.025,
        "decay": None,
        "momentum": 0.9,
        "weight_decay": 3e-4,
        "clip": 5.0,
        "auxiliary": 0.4,
        "drop_path": 0.2,
        "label_smoothing": 0.0,
        "cutout": 16,
        "photographs": False,
        "images": None,
    }


def test_imagenet_is_trained_as_published() -> None:
    assert asdict(IMAGENET) == {
        "skeleton": {"width": 48, "cells": 14, "stem": "imagenet", "affine": True},
        "epochs": 250,
        "batch_size": 128,
        "learning_rate": 0.1,
        "decay": 0.97,
        "momentum": 0.9,
        "weight_decay": 3e-5,
        "clip": 5.0,
        "auxiliary": 0.4,
        "drop_path": 0.0,
        "label_smoothing": 0.1,
        "cutout": 0,
        "photographs": True,
        "images": None,
    }


def test_the_learning_rates_are_those_of_torch() -> None:
    """Which the published scripts use, stepping before each epoch but the first."""
    for recipe, make in (
        (CIFAR, lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 600)),
        (IMAGENET, lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.97)),
    ):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], recipe.learning_rate)
        scheduler = make(optimizer)
        for epoch in range(recipe.epochs):
            assert recipe.learning_rate_in(epoch) == pytest.approx(
                scheduler.get_last_lr()[0], rel=1e-9, abs=1e-12
            )
            optimizer.step()
            scheduler.step()


def test_drop_path_rises_from_zero() -> None:
    assert [CIFAR.drop_path_in(epoch) for epoch in (0, 300, 599)] == [
        0,
        0.1,
        pytest.approx(0.2 * 599 / 600),
    ]


def test_a_smoke_recipe_differs_in_size_only() -> None:
    smoke = IMAGENET.smoke()
    assert (smoke.epochs, smoke.skeleton.width, smoke.skeleton.cells, smoke.images) == (
        2,
        8,
        5,
        512,
    )
    back = replace(smoke, skeleton=IMAGENET.skeleton, epochs=250, batch_size=128, images=None)
    assert back == IMAGENET


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"epochs": 0}, "epochs = 0"),
        ({"batch_size": 1}, "batch_size = 1"),
        ({"learning_rate": 0.0}, "learning_rate"),
    ],
)
def test_what_nobody_can_train_with_is_refused(changes: dict[str, float], expected: str) -> None:
    with pytest.raises(ZcBenchError, match=expected):
        replace(CIFAR, **changes)


@pytest.mark.parametrize("changes", [{"cells": 1}, {"width": 1}])
def test_networks_that_do_not_fit_together_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(
        ZcBenchError, match=r"(cells|width) = 1 will not do: expected a whole number from 2 up"
    ):
        replace(CIFAR, skeleton=replace(CIFAR.skeleton, **changes))
