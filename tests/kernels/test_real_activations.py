"""Pattern counting on what NAS-Bench-201 networks really compute."""

import pytest
import torch
from torch import Tensor, nn

from zc_bench.kernels.pattern_count import cpu, per_image, reference
from zc_bench.passes.running import hooked
from zc_bench.seeding import numpy_generator
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry

IMAGES = 16
SPACE = space_registry["nb201"]


def activations(key: str) -> list[Tensor]:
    """Run a network on noise, channels last, and keep what its rectifiers give."""
    outputs: list[Tensor] = []
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(0)
        network = (
            SPACE.build(SPACE.parse(key), task_registry["imagenet16-120"])
            .train()
            .to(memory_format=torch.channels_last)
        )
        images = torch.randn(IMAGES, 3, 16, 16).to(memory_format=torch.channels_last)
        relus = [module for module in network.modules() if isinstance(module, nn.ReLU)]
        with hooked(relus, lambda _module, _inputs, output: outputs.append(output.clone())):
            network(images)
    return outputs


def check(key: str) -> None:
    """Compare both forms with each other and with the authors' formulation."""
    layers = activations(key)
    assert all(layer.is_contiguous(memory_format=torch.channels_last) for layer in layers)
    packed = [cpu.pack(per_image(layer)) for layer in layers]
    assert all(
        torch.equal(words, reference.pack(per_image(layer)))
        for words, layer in zip(packed, layers, strict=True)
    )
    words = torch.cat(packed)
    signs = torch.cat([layer.flatten(1) for layer in layers], dim=1).sign().T
    authors = len(torch.unique(signs, dim=0))
    assert cpu.count_distinct(words) == reference.count_distinct(words) == authors
    counts = cpu.coactivations(words, IMAGES)
    assert torch.equal(counts, reference.coactivations(words, IMAGES))
    assert torch.equal(counts, (signs.T.double() @ signs.double()).long())


@pytest.mark.parametrize("key", ["(1, 1, 1, 1, 1, 1)", "(4, 0, 3, 1, 4, 3)", "(3, 2, 3, 2, 3, 2)"])
def test_all_forms_and_the_authors_agree(key: str) -> None:
    check(key)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(50))
def test_all_forms_and_the_authors_agree_on_random_networks(number: int) -> None:
    check(SPACE.sample(numpy_generator(number, "real activations")).key)
