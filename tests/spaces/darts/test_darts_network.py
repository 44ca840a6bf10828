"""Networks of DARTS cells.

How cells are wired, their sizes, drop path, the auxiliary classifier.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.spaces.darts.layers import Cell, FactorizedReduce
from zc_bench.spaces.darts.network import Network, Skeleton, network_size
from zc_bench.spaces.darts.space import cells_of

SMALL = Skeleton(width=4, cells=7)
SKELETONS = {
    "cifar": SMALL,
    "imagenet": replace(SMALL, stem="imagenet"),
    "nb301": replace(SMALL, affine=False),
    "one cell": replace(SMALL, cells=1),
    "two cells": replace(SMALL, cells=2),
}


def drawn(seed: int):
    space = space_registry["darts"]
    return cells_of(space.sample(np.random.default_rng(seed)))


def network(seed: int = 0, skeleton: Skeleton = SMALL, **options) -> Network:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Network(drawn(seed), 10, skeleton, **options)


def images(size: int = 32) -> torch.Tensor:
    return torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", SKELETONS)
def test_the_size_is_known_without_building(name: str) -> None:
    for seed in range(8):
        built = sum(parameter.numel() for parameter in network(seed, SKELETONS[name]).parameters())
        assert network_size(drawn(seed), 10, SKELETONS[name]) == built


def test_asking_for_the_size_draws_no_numbers() -> None:
    state = torch.random.get_rng_state()
    network_size(drawn(0), 11, replace(SMALL, width=6))
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize(
    ("count", "reductions"), [(20, [6, 13]), (14, [4, 9]), (8, [2, 5]), (2, [0, 1]), (1, [0])]
)
def test_the_cells_at_one_and_two_thirds_reduce_and_double_the_width(
    count: int, reductions: list[int]
) -> None:
    row = list(Skeleton(width=3, cells=count).row())
    assert [place for place, (_, reduction) in enumerate(row) if reduction] == reductions
    assert [width for width, _ in row] == [
        3 * 2 ** sum(place >= at for at in reductions) for place in range(count)
    ]


@pytest.mark.parametrize(
    ("stem", "size", "resolutions"), [("cifar", 32, (32, 16, 8)), ("imagenet", 96, (12, 6, 3))]
)
def test_every_cell_reads_the_outputs_of_the_two_before_it(
    stem: str, size: int, resolutions: tuple[int, ...]
) -> None:
    built = network(skeleton=replace(SMALL, stem=stem))
    calls = []
    for module in (*built.stems, *built.cells):
        module.register_forward_hook(
            lambda module, inputs, output: calls.append((module, inputs, output))
        )
    assert built(images(size)).shape == (2, 10)
    made = [output for _, _, output in calls]
    if stem == "cifar":
        made.insert(0, made[0])
    for place, (cell, inputs, output) in enumerate(calls[-7:]):
        previous, before = inputs[:2]
        assert previous is made[place + 1]
        assert before is made[place]
        stage = sum(place >= at for at in (2, 4))
        assert output.shape == (2, 4 * (4, 8, 16)[stage], resolutions[stage], resolutions[stage])
        # The first input comes from before a reduction, or from the first of two stems.
        factorized = place in (3, 5) or (stem == "imagenet" and place == 0)
        assert isinstance(cell.inputs[0], FactorizedReduce) == factorized


def test_convolutions_have_no_bias_and_relu_keeps_its_input() -> None:
    modules = [
        module
        for name in SKELETONS
        for module in network(1, SKELETONS[name], auxiliary=True).modules()
    ]
    assert all(module.bias is None for module in modules if isinstance(module, nn.Conv2d))
    assert not any(module.inplace for module in modules if isinstance(module, nn.ReLU))


def test_without_affine_operations_are_normalised_without_scale_and_poolings_too() -> None:
    pairs = (
        ("max_pool_3x3", 0),
        ("avg_pool_3x3", 1),
        *(("skip_connect", 0), ("sep_conv_3x3", 1)) * 3,
    )
    cell = Cell(pairs, (4, 4), 4, reduction=True, affine=False)
    norms = [
        [m for m in operation.modules() if isinstance(m, nn.BatchNorm2d)]
        for operation in cell.operations
    ]
    assert [len(found) for found in norms] == [1, 1, 1, 2, 1, 2, 1, 2]
    assert not any(norm.affine for found in norms for norm in found)
    assert all(norm.track_running_stats for found in norms for norm in found)
    assert all(norm.affine for norm in cell.inputs.modules() if isinstance(norm, nn.BatchNorm2d))
    pooled = cell.operations[0](images().repeat(1, 2, 1, 1)[:, :4])
    torch.testing.assert_close(pooled.mean((0, 2, 3)), torch.zeros(4), atol=1e-5, rtol=0)


# Drop path


def test_drop_path_leaves_out_terms_of_whole_images_and_keeps_the_mean() -> None:
    cell = Cell((("max_pool_3x3", 0), ("skip_connect", 1)) * 4, (4, 4), 4, reduction=False)
    cell.inputs = nn.ModuleList([nn.Identity(), nn.Identity()])
    x = torch.rand(4000, 4, 4, 4) + 1
    with torch.random.fork_rng():
        torch.manual_seed(0)
        terms = cell(x, x, 0.2)[:, :4] - x  # node 2 without its skip connection
    pooled = nn.functional.max_pool2d(x, 3, 1, 1)
    kept = terms.flatten(1).abs().max(1).values > 1e-3
    assert abs(kept.sum() - 3200) < 5 * (4000 * 0.8 * 0.2) ** 0.5
    torch.testing.assert_close(terms[kept], pooled[kept] / 0.8)
    torch.testing.assert_close(terms[~kept], torch.zeros_like(terms[~kept]), atol=1e-5, rtol=0)


def test_drop_path_can_be_raised_and_is_for_training_alone() -> None:
    built = network(drop_path=0.5).eval()
    with torch.no_grad():
        first = built(images())
        assert torch.equal(built(images()), first)
        built.train()
        assert not torch.equal(built(images()), built(images()))
        built.drop_path = 0.0
        assert torch.equal(built(images()), built(images()))


# The auxiliary classifier


@pytest.mark.parametrize(("stem", "size"), [("cifar", 32), ("imagenet", 224)])
def test_the_auxiliary_classifier_reads_the_last_reduction_cell_and_changes_nothing_else(
    stem: str, size: int
) -> None:
    plain, built = (
        network(skeleton=replace(SMALL, stem=stem), auxiliary=auxiliary)
        for auxiliary in (False, True)
    )
    with torch.no_grad():
        logits, auxiliary = built.with_auxiliary(images(size))
        assert torch.equal(plain(images(size)), logits)
        read = []
        built.auxiliary[0].register_forward_hook(
            lambda _module, inputs, _output: read.extend(inputs)
        )
        built.cells[4].register_forward_hook(lambda _module, _inputs, output: read.append(output))
        built.with_auxiliary(images(size))
    assert auxiliary.shape == (2, 10)
    assert read[0] is read[1]
    # Two windows of five pixels reach from edge to edge.
    assert 5 + built.auxiliary[1].stride == read[0].shape[-1]
    # 1x1 to 128 channels, 2x2 to 768, a classifier; one batch normalisation is missing for
    # ImageNet.
    by_hand = 4 * 16 * 128 + 2 * 128 + 128 * 768 * 4 + 2 * 768 * (stem == "cifar") + 768 * 10 + 10
    assert sum(parameter.numel() for parameter in built.auxiliary.parameters()) == by_hand


def test_a_network_without_auxiliary_classifier_says_how_to_get_one() -> None:
    with pytest.raises(ZcBenchError, match="auxiliary=True"):
        network().with_auxiliary(images())
