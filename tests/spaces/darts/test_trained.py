"""The networks that are trained after a search, against published sizes."""

import numpy as np
import pytest
import torch
from torch import nn

from zc_bench.spaces import space_registry
from zc_bench.spaces.darts.trained import CIFAR, darts_network
from zc_bench.tasks import task_registry

SPACE = space_registry["darts"]


def genotype(normal: str, reduction: str) -> str:
    """Spell out cells: `s3 0` is ('sep_conv_3x3', 0)."""
    words = {"s": "sep_conv", "d": "dil_conv", "m": "max_pool", "a": "avg_pool"}

    def pairs(cell: str) -> list[tuple[str, int]]:
        named = [pair.split() for pair in cell.split(", ")]
        return [
            (
                "skip_connect" if name == "skip" else f"{words[name[0]]}_{name[1]}x{name[1]}",
                int(source),
            )
            for name, source in named
        ]

    return (
        f"Genotype(normal={pairs(normal)}, normal_concat=range(2, 6), "
        f"reduce={pairs(reduction)}, reduce_concat=range(2, 6))"
    )


DARTS_V2 = genotype(
    "s3 0, s3 1, s3 0, s3 1, s3 1, skip 0, skip 0, d3 2",
    "m3 0, m3 1, skip 2, m3 1, m3 0, skip 2, skip 2, m3 1",
)
PC_DARTS = genotype(
    "s3 1, skip 0, s3 0, d3 1, s5 0, s3 1, a3 0, d3 1",
    "s5 1, m3 0, s5 1, s5 2, s3 0, s3 3, s3 1, s3 2",
)
PC_DARTS_IMAGENET = genotype(
    "skip 1, s3 0, s3 0, skip 1, s3 1, s3 3, s3 1, d5 4",
    "s3 0, skip 1, d5 2, m3 1, s3 2, s3 1, s5 0, s3 3",
)
P_DARTS = genotype(
    "skip 0, d3 1, skip 0, s3 1, s3 1, s3 3, s3 0, d5 4",
    "a3 0, s5 1, s3 0, d5 2, m3 0, d3 1, d3 1, d5 3",
)
GDAS = genotype(
    "skip 0, skip 1, skip 0, s5 2, s3 3, skip 0, s5 4, s3 3",
    "s5 0, s3 1, s5 2, s5 1, d5 2, s3 1, s5 0, s5 2",
)
MDENAS = genotype(
    "s5 1, s3 0, skip 0, s5 1, s5 3, s3 1, d5 3, m3 4",
    "m3 0, s5 1, skip 0, skip 1, s3 3, skip 2, d3 3, s5 0",
)
SNAS = genotype(
    "s3 0, s3 1, skip 0, d3 1, skip 1, skip 0, skip 0, s3 1",
    "m3 0, m3 1, m3 1, skip 2, skip 2, m3 1, m3 0, d5 2",
)


@pytest.mark.parametrize(
    ("text", "task", "published"),
    [(DARTS_V2, "cifar10", 3_349_342), (DARTS_V2, "imagenet", 4_718_752)],
)
def test_the_architecture_of_darts_has_the_size_that_its_code_prints(
    text: str, task: str, published: int
) -> None:
    assert SPACE.parameters(SPACE.parse(text), task_registry[task]) == published


@pytest.mark.parametrize(
    ("text", "task", "millions"),
    [
        # Chen et al. 2019, P-DARTS, arXiv:1904.12760; Xu et al. 2020, PC-DARTS, arXiv:1907.05737,
        # tables 1 and 2.
        (P_DARTS, "cifar10", 3.4),
        (P_DARTS, "imagenet", 4.9),
        (PC_DARTS, "cifar10", 3.6),
        (PC_DARTS, "imagenet", 5.3),
        (PC_DARTS_IMAGENET, "imagenet", 5.3),
        # Chu et al. 2020, Fair DARTS, arXiv:1911.12126, and the genotypes of its code, with two
        # digits.
        (P_DARTS, "cifar10", 3.43),
        (PC_DARTS, "cifar10", 3.63),
        (MDENAS, "cifar10", 3.78),
        (SNAS, "cifar10", 2.66),
    ],
)
def test_published_architectures_have_their_published_size(
    text: str, task: str, millions: float
) -> None:
    digits = 1 if millions * 10 == round(millions * 10) else 2
    assert round(SPACE.parameters(SPACE.parse(text), task_registry[task]) / 1e6, digits) == millions


@pytest.mark.parametrize(
    ("text", "published"),
    [(DARTS_V2, 528), (P_DARTS, 532), (GDAS, 519), (MDENAS, 599), (SNAS, 422)],
)
def test_published_architectures_have_their_published_multiply_adds(
    text: str, published: int
) -> None:
    """In millions, of convolutions and the classifier, on CIFAR-10.

    As the code of Fair DARTS lists them.
    """
    network = SPACE.build(SPACE.parse(text), task_registry["cifar10"]).eval()
    counted = 0

    def count(module: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        nonlocal counted
        counted += output[0].numel() * module.weight[0].numel()

    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
    with torch.no_grad():
        network(torch.zeros(1, 3, 32, 32))
    assert round(counted / 1e6) == published


@pytest.mark.parametrize("task", SPACE.tasks)
def test_the_size_is_known_without_building(task: str) -> None:
    generator = np.random.default_rng(0)
    for architecture in [SPACE.sample(generator) for _ in range(2)]:
        network = SPACE.build(architecture, task_registry[task])
        built = sum(parameter.numel() for parameter in network.parameters())
        assert SPACE.parameters(architecture, task_registry[task]) == built


@pytest.mark.parametrize("task", SPACE.tasks)
def test_the_network_takes_an_image_of_its_task_and_gives_one_logit_per_class(task: str) -> None:
    network = SPACE.build(SPACE.parse(DARTS_V2), task_registry[task]).eval()
    with torch.no_grad():
        outputs = network(
            torch.zeros(1, 3, task_registry[task].image_size, task_registry[task].image_size)
        )
    assert outputs.shape == (1, task_registry[task].outputs)


def test_a_network_for_training_can_be_had_in_any_size() -> None:
    architecture = SPACE.parse(DARTS_V2)
    with torch.device("meta"):
        network = darts_network(architecture, 100, CIFAR, auxiliary=True, drop_path=0.2)
    assert network.drop_path == 0.2
    auxiliary = sum(parameter.numel() for parameter in network.auxiliary.parameters())
    more_classes = 90 * (4 * 4 * 36 + 1)
    assert (
        sum(parameter.numel() for parameter in network.parameters())
        == 3_349_342 + more_classes + auxiliary
    )
