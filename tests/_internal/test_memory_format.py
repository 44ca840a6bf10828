import pytest
import torch
from torch import nn

from zc_bench._internal.memory_format import memory_format_for
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize(
    ("layer", "safe"),
    [
        (nn.Conv2d(6, 3, 1, stride=2), False),
        (nn.Conv2d(64, 32, 1, stride=2), True),
        (nn.Conv2d(6, 3, 1), True),
        (nn.Conv2d(6, 3, 3, stride=2), True),
        (nn.Linear(3, 3), True),
    ],
)
def test_channels_last_wherever_its_backward_pass_is_sound(layer, safe):
    network = nn.Sequential(nn.Conv2d(3, 6, 3), layer)
    assert memory_format_for(network, CPU) is (
        torch.channels_last if safe else torch.contiguous_format
    )
    assert memory_format_for(network, CUDA) is torch.channels_last


@pytest.mark.parametrize("name", ["nb201", "nb301", "tnb101_micro"])
def test_the_networks_of_the_benchmarks_are_wide_enough(name):
    space = space_registry[name]
    keys = {"nb201": "(0, 0, 0, 0, 0, 0)", "tnb101_micro": "(1, 1, 1, 1, 1, 1)"}
    pair = "((0, 2), (1, 2), (0, 2), (1, 2), (0, 2), (1, 2), (0, 2), (1, 2))"
    architecture = space.parse(keys.get(name, f"({pair}, {pair})"))
    with torch.device("meta"):
        network = space.build(architecture, task_registry[space.tasks[0]])
    assert memory_format_for(network, CPU) is torch.channels_last
