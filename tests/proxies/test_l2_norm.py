import pytest
import torch

from zc_bench.passes.weights import Weights
from zc_bench.proxies.l2_norm import l2_norm


def test_it_adds_the_norms_of_the_layers() -> None:
    assert l2_norm(
        Weights((torch.tensor([[3.0, -4.0]]), torch.tensor([[[[2.0]]]])))
    ) == pytest.approx(5 + 2)


def test_a_network_without_layers_has_norm_zero() -> None:
    assert l2_norm(Weights(())) == 0
