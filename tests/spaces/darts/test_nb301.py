"""NAS-Bench-301: the names and the networks of NAS-Bench-Suite-Zero, whose scores are published."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from any_space import build
from scipy.stats import spearmanr
from torch import Tensor, nn

import zc_bench
from zc_bench.engine.scores import Status
from zc_bench.images import Batch
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry

SPACE = space_registry["nb301"]
TASK = task_registry["cifar10"]

KEY = (
    "(((0, 6), (1, 4), (0, 0), (1, 5), (1, 4), (3, 2), (0, 6), (3, 2)), "
    "((0, 1), (1, 4), (0, 1), (1, 4), (2, 6), (3, 4), (1, 5), (2, 1)))"
)
# As published; a data-free score depends on the draw of the weights alone.
PUBLISHED_ZEN = 167.305


def network(key: str) -> nn.Module:
    return build(SPACE, SPACE.parse(key), TASK.name)


def noise(count: int, size: int = 32) -> Tensor:
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(0))


def test_the_parameters_are_those_counted_by_hand() -> None:
    """Of the architecture whose operations are all skip connections, in cells 0..7 with widths 32, 64 and 128."""
    key = str(((0, 2), (1, 2)) * 4)
    architecture = SPACE.parse(f"({key}, {key})")
    stem = 3 * 3 * 3 * 96 + 2 * 96
    # Two inputs per cell, each a convolution of one pixel and a normalisation; a node is given out
    # four times.
    cells = {
        0: (96 + 96, 32),
        1: (96 + 128, 32),
        2: (128 + 128, 64),
        3: (128 + 256, 64),
        4: (256 + 256, 64),
        5: (256 + 256, 128),
        6: (256 + 512, 128),
        7: (512 + 512, 128),
    }
    inputs = sum(channels * width + 2 * 2 * width for channels, width in cells.values())
    # Skip connections are convolutions in reduction cells, and their normalisation has no
    # parameters.
    reducing = 8 * (64 * 64 + 128 * 128)
    assert SPACE.parameters(architecture, TASK) == stem + inputs + reducing + 512 * 10 + 10


def test_the_size_is_known_without_building() -> None:
    generator = np.random.default_rng(0)
    for architecture in [SPACE.sample(generator) for _ in range(4)]:
        built = sum(parameter.numel() for parameter in network(architecture.key).parameters())
        assert SPACE.parameters(architecture, TASK) == built


def test_the_rectified_units_are_those_counted_by_hand() -> None:
    """Of the architecture whose operations are all averages, so that only inputs are rectified."""
    key = str(((0, 1), (1, 1)) * 4)
    units = 0

    def count(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        nonlocal units
        units += output[0].numel()

    built = network(f"({key}, {key})")
    for module in built.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(count)
    built(noise(2))
    full, half, quarter = 32**2, 16**2, 8**2
    first = (96 + 96) * full + (96 + 128) * full + (128 + 128) * full
    second = 128 * full + 256 * half + 2 * 256 * half + 2 * 256 * half
    third = 256 * half + 512 * quarter + 2 * 512 * quarter
    assert units == first + second + third


def test_every_proxy_has_a_score_for_an_ordinary_architecture() -> None:
    labels = torch.arange(8) % 4
    second = Batch(noise(16, 16)[8:], labels)
    scores = zc_bench.score(
        network(KEY),
        noise(8, 16),
        labels,
        second=second,
        regularisation=zc_bench.Regularisation(1.5, 1.5),
    )
    assert {
        name: score.reason for name, score in scores.items() if score.status is not Status.DONE
    } == {}


def test_zen_is_as_published_up_to_the_draw_of_the_weights() -> None:
    score = zc_bench.score(network(KEY), noise(8), proxies=["zen"])["zen"].value
    assert score == pytest.approx(PUBLISHED_ZEN, rel=0.01)


# The published table


@pytest.fixture(scope="module")
def published(shared_folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    table: dict[str, dict[str, dict[str, float]]] = json.loads(
        (shared_folder / "data/raw/zc_nasbench301.json").read_text()
    )["cifar10"]
    return table


@pytest.mark.data
def test_published_names_are_ours(published: dict[str, object]) -> None:
    assert len(published) == 10_307
    for key in published:
        assert SPACE.parse(key).key == key


@pytest.mark.slow
@pytest.mark.data
def test_published_scores_are_ours_up_to_the_draw_of_weights_and_images(
    published: dict[str, dict[str, dict[str, float]]], shared_folder: Path
) -> None:
    """A level of nwot that agrees says that as many units are rectified, in the same places.

    N ln V depends on it.
    """
    generator = np.random.default_rng(0)
    pixels = np.load(shared_folder / "data/images/cifar10_sample.npz")["train_images"]
    chosen = (
        torch.from_numpy(pixels[generator.choice(len(pixels), 64, replace=False)]).permute(
            0, 3, 1, 2
        )
        / 255
    )
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (TASK.mean, TASK.std))
    images = ((chosen - mean) / std).contiguous(memory_format=torch.channels_last)
    rows = []
    for key in generator.choice(list(published), 12, replace=False).tolist():
        built = network(key).to(memory_format=torch.channels_last)
        scores = zc_bench.score(built, images, proxies=["nwot", "zen"])
        rows.append(
            [(scores[name].value, published[key][name]["score"]) for name in ("nwot", "zen")]
        )
    for (ours, theirs), within in zip(np.transpose(rows, (1, 2, 0)), (4.0, 1.5), strict=True):
        assert np.abs(ours - theirs).max() < within
        assert spearmanr(ours, theirs).statistic > 0.9
