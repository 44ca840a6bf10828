import pytest
import torch
from torch import nn

from networks import Recipe, case, score
from zc_bench.engine.scores import Status
from zc_bench.passes.gradient_signs import GradientSigns
from zc_bench.proxies.gradsign import gradsign


def test_it_adds_the_absolute_sums_of_signs() -> None:
    assert (
        gradsign(GradientSigns((torch.tensor([[-3.0, 1.0], [0.0, 2.0]]), torch.tensor([-1.0]))))
        == 7
    )


def test_opposite_classes_cancel_by_hand() -> None:
    # The logits are zero, so the gradient of an image is (softmax - one-hot) times the image.
    network = nn.Sequential(nn.Flatten(), nn.Linear(2, 2, bias=False))
    nn.init.zeros_(network[1].weight)
    built = case(network, 2, 2, 1, 1, classes=2)
    built.images[:] = torch.tensor([[1.0, -2.0], [3.0, 0.0]]).view(2, 2, 1, 1)
    built.labels[:] = torch.tensor([0, 0])
    # First pixel: the signs agree, 2 for both classes. Second pixel: one sign each, 1 for both.
    assert score(built, ["gradsign"])["gradsign"].value == 6
    built.labels[:] = torch.tensor([0, 1])
    assert score(built, ["gradsign"])["gradsign"].value == 2


def test_batch_normalisation_uses_the_statistics_of_one_image() -> None:
    built = Recipe(images=4).build()
    alone = [
        score(
            type(built)(built.network, built.images[[n]], built.labels[[n]], built.second),
            ["gradsign"],
        )
        for n in range(4)
    ]
    # One image has a sign of one for every weight that has a gradient.
    weights = sum(
        module.weight.numel()
        for module in built.network.modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    )
    assert all(found["gradsign"].value <= weights for found in alone)
    built.images[:] = built.images[:1].clone()
    built.labels[:] = built.labels[0]
    assert score(built, ["gradsign"])["gradsign"].value == 4 * alone[0]["gradsign"].value


def test_a_single_value_per_channel_is_invalid() -> None:
    found = score(Recipe(images=4, size=1).build(), ["gradsign"])["gradsign"]
    assert found.status is Status.INVALID
    assert "single value per channel" in found.reason


def test_a_gradient_that_is_no_number_is_invalid() -> None:
    built = Recipe().build()
    with torch.no_grad():
        built.network[0].conv.weight[0, 0, 0, 0] = torch.nan
    assert score(built, ["gradsign"])["gradsign"].status is Status.INVALID


@pytest.mark.parametrize("kind", [nn.functional.mse_loss])
def test_any_loss_of_an_image_will_do(kind) -> None:
    import zc_bench

    built = Recipe(images=3).build()
    labels = torch.randn(3, 3, dtype=torch.float64)
    found = zc_bench.score(built.network, built.images, labels, proxies=["gradsign"], loss=kind)
    assert found["gradsign"].status is Status.DONE
