import pytest
import torch

from zc_bench.passes.loss_gradients import LossGradients
from zc_bench.proxies.plain import plain


def test_it_adds_products_with_their_signs() -> None:
    weights = (torch.tensor([[1.0, -2.0]]), torch.tensor([3.0]))
    grads = (torch.tensor([[4.0, 5.0]]), torch.tensor([-6.0]))
    assert plain(LossGradients(weights, grads)) == pytest.approx(4 - 10 - 18)
