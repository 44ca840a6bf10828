import pytest
import torch

from zc_bench.passes.loss_gradients import LossGradients
from zc_bench.proxies.grad_norm import grad_norm


def test_it_adds_the_norms_of_the_layers_gradients() -> None:
    weights = (torch.full((1, 2), 7.0), torch.full((1,), 7.0))
    assert grad_norm(
        LossGradients(weights, (torch.tensor([[3.0, -4.0]]), torch.tensor([-2.0])))
    ) == pytest.approx(7)
