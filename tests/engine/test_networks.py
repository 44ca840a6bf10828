"""`zc_bench.score`: any network, with labels or without, and as before afterwards."""

import copy

import pytest
import torch
from torch import nn

import zc_bench
from zc_bench import ZcBenchError, score
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.scores import Status
from zc_bench.proxies.groups import default_proxies


def network():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(3, 6, 3),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Flatten(),
            nn.Linear(216, 4),
        )


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(5, 3, 8, 8, generator=generator), torch.tensor([0, 1, 2, 3, 0])


class TestScore:
    def test_gives_a_score_for_every_proxy(self, batch):
        scores = score(network(), *batch)
        assert tuple(scores) == default_proxies()
        assert Status.FAILED not in {entry.status for entry in scores.values()}

    def test_gives_a_score_for_those_asked_for(self, batch):
        scores = score(network(), *batch, proxies=["snip", "params"])
        assert scores.keys() == {"snip", "params"}
        assert scores["params"].value == pytest.approx((3 * 6 * 9 + 6 + 12 + 216 * 4 + 4) / 1e6)

    def test_without_labels_those_that_use_them_are_undefined_with_a_reason(self, batch):
        scores = score(network(), batch[0])
        for name, entry in scores.items():
            if proxy_registry[name].uses_labels:
                assert entry.status is Status.UNDEFINED, name
                assert entry.reason, name
        assert scores["swap"].status is Status.DONE

    def test_without_regularisation_reg_swap_is_undefined(self, batch):
        assert score(network(), *batch)["reg_swap"].status is Status.UNDEFINED
        regularisation = zc_bench.Regularisation(1.0, 1.0)
        assert (
            score(network(), *batch, regularisation=regularisation)["reg_swap"].status
            is Status.DONE
        )

    def test_takes_another_loss(self, batch):
        images, _ = batch
        targets = torch.zeros(5, 4)
        entry = score(network(), images, targets, proxies=["snip"], loss=nn.functional.mse_loss)[
            "snip"
        ]
        assert entry.status is Status.DONE

    def test_helps_with_a_misspelt_proxy(self, batch):
        with pytest.raises(ZcBenchError, match="Unknown proxy 'snipp': did you mean 'snip'"):
            score(network(), *batch, proxies=["snipp"])

    def test_draws_with_the_seed_alone(self, batch):
        first = score(network(), *batch, proxies=["grad_norm"], seed=1)["grad_norm"].value
        torch.rand(3)
        assert score(network(), *batch, proxies=["grad_norm"], seed=1)["grad_norm"].value == first
        assert score(network(), *batch, proxies=["grad_norm"], seed=2)["grad_norm"].value != first


class TestLeavesNoTrace:
    def test_of_weights_buffers_gradients_and_modes(self, batch):
        ours = network()
        ours[0].weight.grad = torch.ones_like(ours[0].weight)
        ours.eval()
        ours[3].train()
        before = copy.deepcopy(ours)
        score(ours, *batch)
        for name, tensor in before.state_dict().items():
            assert tensor.equal(ours.state_dict()[name]), name
        assert ours[0].weight.grad.equal(torch.ones_like(ours[0].weight))
        assert ours[5].weight.grad is None
        assert [module.training for module in ours.modules()] == [
            module.training for module in before.modules()
        ]

    def test_of_hooks(self, batch):
        ours = network()
        score(ours, *batch)
        assert not any(
            hooks
            for module in ours.modules()
            for hooks in (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
        )

    def test_of_the_images(self, batch):
        images, labels = batch
        before = images.clone()
        score(network(), images, labels)
        assert images.equal(before)
        assert not images.requires_grad

    def test_after_a_network_that_breaks(self, batch):
        ours = network().eval()
        ours.append(nn.Linear(7, 7))
        statuses = {
            entry.status for entry in score(ours, *batch, proxies=["snip", "swap"]).values()
        }
        assert statuses == {Status.FAILED}
        assert not ours.training
