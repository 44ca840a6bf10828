"""How tokens are mixed, against plain twins in float64."""

import numpy as np
import pytest
import torch
from torch import nn

import reference.transformers as plain
from zc_bench.seeding import torch_seeded
from zc_bench.spaces.transformers.flexibert import KINDS
from zc_bench.spaces.transformers.mixing import mixing
from zc_bench.spaces.transformers.vit import Block


def drawn(module: nn.Module) -> dict[str, np.ndarray]:
    """Draw weights that are far from those of the networks, biases included."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape) / 4)
    return {name: value.detach().numpy() for name, value in module.named_parameters()}


@pytest.mark.parametrize("heads", [2, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_mixing_is_that_of_the_twin(kind: str, heads: int) -> None:
    with torch_seeded(0, "test", kind):
        module = mixing(kind, 16, heads).double()
        weights = drawn(module)
        tokens = torch.randn(2, 7, 16, dtype=torch.float64)
    expected = [plain.mixing(weights, kind, text.numpy(), heads) for text in tokens]
    assert np.allclose(module(tokens).detach(), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("heads", [2, 3, 4])
def test_block_is_that_of_the_twin(heads: int) -> None:
    with torch_seeded(0, "test", str(heads)):
        module = Block(12, heads, 3.5).double()
        weights = drawn(module)
        tokens = torch.randn(2, 5, 12, dtype=torch.float64)
    expected = [plain.block(weights, image.numpy(), heads) for image in tokens]
    assert np.allclose(module(tokens).detach(), expected, rtol=1e-9, atol=1e-9)
