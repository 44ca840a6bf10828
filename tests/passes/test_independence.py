"""Which batches may be computed in parts."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from zc_bench.images import Batch
from zc_bench.passes.independence import images_are_independent
from zc_bench.passes.trial_inputs import TrialInputs


class Whole(nn.Module):
    """Any function of a batch, as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def network(*between):
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(12, 8), *between, nn.ReLU(), nn.Linear(8, 3))


def trial(network, images=5, loss=functional.cross_entropy, second=None, **labels):
    generator = torch.Generator().manual_seed(0)
    batch = torch.randn(images, 3, 2, 2, generator=generator)
    return TrialInputs(
        network.train(), batch, labels.get("labels", torch.arange(images) % 3), loss, 0, second
    )


@pytest.mark.parametrize("layer", [nn.Identity(), nn.LayerNorm(8), nn.GroupNorm(2, 8)], ids=type)
@pytest.mark.parametrize("images", [2, 5])
def test_layers_that_see_one_image_at_a_time_do_not_mix(layer, images):
    assert images_are_independent(trial(network(layer), images))
    assert images_are_independent(trial(network(layer), images, labels=None))


def zero_branch():
    norm = nn.BatchNorm1d(8)
    nn.init.zeros_(norm.weight)
    return norm


def zero_function(x):
    return x + functional.batch_norm(x, None, None, torch.zeros(8), training=True)


@pytest.mark.parametrize(
    "layer",
    [
        nn.BatchNorm1d(8),
        zero_branch(),
        Whole(zero_function),
        nn.Dropout(),
        Whole(lambda x: x - x.mean(0)),
        Whole(lambda x: x.flip(0)),
    ],
)
def test_layers_that_see_others_or_draw_do(layer):
    assert not images_are_independent(trial(network(layer)))


@pytest.mark.parametrize(
    "loss",
    [
        lambda outputs, labels: functional.cross_entropy(outputs, labels, reduction="sum"),
        lambda *_: None,
    ],
)
def test_a_loss_that_is_no_mean_over_images_cannot_be_joined(loss):
    assert not images_are_independent(trial(network(), loss=loss))


def test_nor_can_several_outputs_a_single_image_or_batches_of_two_sizes():
    assert not images_are_independent(trial(network(Whole(lambda x: (x, x)))))
    assert not images_are_independent(trial(nn.Sequential(network(), Whole(lambda x: (x, x)))))
    assert not images_are_independent(trial(network(), images=1))
    for images, may in ((5, True), (4, False)):
        second = Batch(torch.randn(images, 3, 2, 2), torch.zeros(images, dtype=torch.int64))
        assert images_are_independent(trial(network(), second=second)) == may
