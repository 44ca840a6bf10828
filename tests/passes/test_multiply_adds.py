"""Operations per layer, counted by hand."""

import pytest
import torch
from probes import trial_of
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from functional_networks import Call
from networks import case
from zc_bench.engine.declare import Requested
from zc_bench.passes.forward import forward
from zc_bench.passes.layer_operations import LayerOperations
from zc_bench.passes.multiply_adds import MultiplyAdds, multiply_adds
from zc_bench.passes.operations import only_modules
from zc_bench.passes.trial_inputs import TrialInputs

# For images of 4 channels of 6 x 8: layer, operations per image.
BY_HAND = [
    (nn.Conv2d(4, 5, 3, padding=1), 5 * 6 * 8 * (4 * 3 * 3) + 5 * 6 * 8),
    (nn.Conv2d(4, 5, 3, padding=1, bias=False), 5 * 6 * 8 * (4 * 3 * 3)),
    (nn.Conv2d(4, 5, (1, 3), bias=False), 5 * 6 * 6 * (4 * 1 * 3)),
    (nn.Conv2d(4, 5, 3, stride=2, padding=1, bias=False), 5 * 3 * 4 * (4 * 3 * 3)),
    (nn.Conv2d(4, 6, 3, groups=2, bias=False), 6 * 4 * 6 * (2 * 3 * 3)),
    (nn.Conv2d(4, 4, 3, groups=4, bias=False), 4 * 4 * 6 * (1 * 3 * 3)),
    (nn.Conv2d(4, 5, 3, dilation=2, bias=False), 5 * 2 * 4 * (4 * 3 * 3)),
    (nn.BatchNorm2d(4), 4 * 6 * 8 * 2),
    (nn.BatchNorm2d(4, affine=False), 4 * 6 * 8),
    (nn.ReLU(), 4 * 6 * 8),
    (nn.ReLU(inplace=True), 4 * 6 * 8),
    (nn.LeakyReLU(), 4 * 6 * 8),
    (nn.AvgPool2d(2), 4 * 3 * 4 * 2 * 2),
    (nn.MaxPool2d(3, stride=1, padding=1), 4 * 6 * 8 * 3 * 3),
    (nn.AvgPool2d((2, 4)), 4 * 3 * 2 * 2 * 4),
    (nn.AdaptiveAvgPool2d(1), 4 * 7 * 9),
    (nn.Linear(8, 3), 4 * 6 * 8 * 3),
    (nn.Sequential(nn.Flatten(), nn.Linear(4 * 6 * 8, 3)), 4 * 6 * 8 * 3),
    (nn.ConvTranspose2d(4, 5, 3), 0),
    (nn.Identity(), 0),
    (nn.Dropout(), 0),
    (nn.Flatten(), 0),
]


def counted(trial: TrialInputs) -> MultiplyAdds:
    """Count operations where nothing else is asked."""
    layers = forward(trial, Requested([LayerOperations]))[2]
    assert layers is not None
    return multiply_adds(trial, layers)


@pytest.mark.parametrize(
    ("layer", "operations"), BY_HAND, ids=[str(layer).replace("\n", "") for layer, _ in BY_HAND]
)
def test_a_layer_has_the_operations_that_one_counts_by_hand(
    layer: nn.Module, operations: int
) -> None:
    assert counted(trial_of(case(layer, 3, 4, 6, 8))).total == operations


@pytest.mark.parametrize(
    ("layer", "operations"), BY_HAND, ids=[str(layer).replace("\n", "") for layer, _ in BY_HAND]
)
def test_its_operations_have_the_same_rules(layer: nn.Module, operations: int) -> None:
    network = Call(layer)
    assert not only_modules(network)
    assert counted(trial_of(case(network, 3, 4, 6, 8))).total == operations


FUNCTIONS = [
    (nn.Conv1d(4, 5, 3), (4, 7), 5 * 5 * (4 * 3) + 5 * 5),
    (nn.Conv3d(4, 5, 2, bias=False), (4, 3, 3, 3), 5 * 8 * (4 * 8)),
    (nn.BatchNorm1d(4), (4,), 2 * 4),
    (nn.BatchNorm3d(4, affine=False), (4, 2, 2, 2), 4 * 8),
    (nn.AvgPool1d(3), (4, 6), 4 * 2 * 3),
    (nn.MaxPool1d(3), (4, 6), 4 * 2 * 3),
    (nn.AvgPool3d(2), (4, 2, 2, 2), 4 * 8),
    (nn.MaxPool3d((1, 2, 2)), (4, 2, 2, 2), 4 * 2 * 4),
    (nn.MaxPool2d(2, return_indices=True), (4, 6, 8), 4 * 3 * 4 * 4),
    (nn.AdaptiveAvgPool1d(2), (4, 6), 4 * 2 * (3 + 1)),
    (nn.AdaptiveAvgPool3d(1), (4, 2, 3, 4), 4 * 3 * 4 * 5),
    (Call(lambda x: functional.adaptive_avg_pool2d(x, 1)), (4, 6, 8), 4 * 7 * 9),
    (Call(lambda x: functional.avg_pool2d(x, [2])), (4, 6, 8), 4 * 3 * 4 * 4),
    (Call(lambda x: x.clamp(min=0)), (4, 6), 4 * 6),
    (Call(functional.gelu), (4, 6), 0),
    (Call(lambda x: x @ torch.ones(6)), (4, 6), 4 * 6),
    (Call(lambda x: torch.baddbmm(x, x, x)), (6, 6), 6 * 6 * 6),
    (Call(lambda x: torch.addmv(x[:, 0], x, torch.ones(6))), (6,), 6),
    (Call(lambda x: functional.bilinear(x, x, torch.ones(5, 6, 6))), (6,), 5 * 6 * 6),
    (Call(lambda x: torch.einsum("nab,nbc->nac", x, x)), (6, 6), 6 * 6 * 6),
    (
        Call(lambda x: functional.scaled_dot_product_attention(x, x, x[..., :3])),
        (4, 6),
        4 * 4 * (6 + 3),
    ),
]


@pytest.mark.parametrize(("function", "shape", "operations"), FUNCTIONS)
def test_other_operations_count_what_one_counts_by_hand(
    function, shape: tuple[int, ...], operations: int
) -> None:
    assert counted(trial_of(case(function, 5, *shape))).total == operations


@pytest.mark.parametrize("backend", [SDPBackend.MATH, SDPBackend.FLASH_ATTENTION])
def test_attention_counts_the_same_in_all_its_forms(backend: SDPBackend) -> None:
    def attend(x: Tensor) -> Tensor:
        with sdpa_kernel(backend):
            return functional.scaled_dot_product_attention(x, x, x)

    assert counted(trial_of(case(Call(attend), 5, 2, 4, 6))).total == 2 * 4 * 4 * (6 + 6)


def test_a_layer_that_runs_twice_counts_twice() -> None:
    layer = nn.Conv2d(4, 4, 1, bias=False)
    assert (
        counted(trial_of(case(nn.Sequential(layer, layer), 3, 4, 6, 8))).total == 2 * 4 * 6 * 8 * 4
    )


@pytest.mark.parametrize("images", [1, 2, 8])
def test_the_count_is_per_image(images: int) -> None:
    layer = nn.Conv2d(4, 5, 3, bias=False)
    assert counted(trial_of(case(layer, images, 4, 6, 8))).total == 5 * 4 * 6 * (4 * 3 * 3)


class Odd(nn.Module):
    """Calls its layers by keyword, and has layers that take nothing or give no tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 5, 1, bias=False)
        self.position = Position()
        self.pair = Pair()

    def forward(self, x: Tensor) -> Tensor:
        return self.pair(self.conv(input=x) + self.position())[0]


class Position(nn.Module):
    def forward(self) -> Tensor:
        return torch.ones(1, 5, 1, 1)


class Pair(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, int]:
        return x, 1


def test_layers_may_be_called_in_unusual_ways() -> None:
    assert counted(trial_of(case(Odd(), 3, 4, 6, 8))).total == 5 * 6 * 8 * 4
