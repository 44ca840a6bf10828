"""A ResNet, a vision transformer and an MLP, with the usual layers.

All proxies, and some by hand.
"""

import math
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from zc_bench import Regularisation, score
from zc_bench.engine.scores import Status
from zc_bench.images import Batch
from zc_bench.proxies.groups import default_proxies

CLASSES = 5
PATTERNS = {"swap", "reg_swap", "nwot", "linear_regions"}


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al. 2016, arXiv:1512.03385, figure 2)."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(channels, out, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(),
            nn.Conv2d(out, out, 3, padding=1, bias=False),
            nn.BatchNorm2d(out),
        )
        same = channels == out and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(channels, out, 1, stride, bias=False)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.main(x) + self.shortcut(x))


def resnet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        BasicBlock(8, 8, 1),
        BasicBlock(8, 16, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, CLASSES),
    )


class EncoderLayer(nn.Module):
    """Attention over patches, then an MLP, each after a LayerNorm and beside a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, 2, batch_first=True)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        normal = self.norm(x)
        x = x + self.attention(normal, normal, normal, need_weights=False)[0]
        return x + self.mlp(x)


class VisionTransformer(nn.Module):
    """Patches of 4x4 pixels, positions, a class token (Dosovitskiy et al.

    2021, arXiv:2010.11929).
    """

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, stride=4)
        self.token = nn.Parameter(torch.randn(1, 1, 8))
        self.positions = nn.Parameter(torch.randn(1, 5, 8))
        self.layers = nn.Sequential(EncoderLayer(8), EncoderLayer(8))
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).mT
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
        return self.head(self.layers(x)[:, 0])


def mlp() -> nn.Module:
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(192, 24),
        nn.ReLU(),
        nn.Linear(24, 12),
        nn.ReLU(),
        nn.Linear(12, CLASSES),
    )


NETWORKS = {"ResNet": resnet, "ViT": VisionTransformer, "MLP": mlp}


@dataclass(frozen=True)
class Subject:
    """A network with its batch."""

    network: nn.Module
    images: Tensor
    labels: Tensor
    second: Batch

    def score(self, *names, **options):
        given = {
            "second": self.second,
            "regularisation": Regularisation(mu=0.01, sigma=0.02),
            **options,
        }
        return score(self.network, self.images, self.labels, proxies=names or None, **given)


@pytest.fixture(params=NETWORKS)
def subject(request):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        images, others = torch.randn(2, 6, 3, 8, 8, dtype=torch.float64)
        labels = torch.tensor([0, 1, 2, 3, 4, 0])
        return Subject(NETWORKS[request.param]().double(), images, labels, Batch(others, labels))


def weights(network):
    """List the weights of layers, and those that attention multiplies with."""
    kinds = nn.Conv2d | nn.Linear | nn.MultiheadAttention
    found = [module for module in network.modules() if isinstance(module, kinds)]
    return [
        module.in_proj_weight if isinstance(module, nn.MultiheadAttention) else module.weight
        for module in found
    ]


def patterns_of(subject, kind):
    """Count, in a dictionary, the patterns over the images of everything that a kind of activation produces."""
    seen = {}

    def note(_module, _inputs, output):
        for unit in (output > 0).flatten(1).T.tolist():
            seen[tuple(unit)] = True

    hooks = [
        module.register_forward_hook(note)
        for module in subject.network.modules()
        if isinstance(module, kind)
    ]
    subject.network.train()(subject.images)
    for hook in hooks:
        hook.remove()
    return len(seen)


def test_every_proxy_has_a_finite_score_or_says_why(subject):
    for activations in ("relu", "all"):
        scores = subject.score(activations=activations)
        assert tuple(scores) == default_proxies()
        assert len(scores) == 17
        for entry in scores.values():
            assert math.isfinite(entry.value) == (entry.status is Status.DONE)
            assert bool(entry.reason) == (entry.status is not Status.DONE)
    # With patterns of GELU asked for, all have a number but where a gate on attention's own
    # projection is needed.
    transformer = isinstance(subject.network, VisionTransformer)
    without = {name for name, entry in scores.items() if entry.status is not Status.DONE}
    assert without == ({"fisher"} if transformer else set())


def test_what_has_no_relu_has_no_patterns_unless_others_are_asked_for(subject):
    transformer = isinstance(subject.network, VisionTransformer)
    without = {name for name, entry in subject.score().items() if entry.status is not Status.DONE}
    assert without == (PATTERNS | {"fisher"} if transformer else set())
    assert subject.score("swap", activations="all")["swap"].value == patterns_of(
        subject, nn.ReLU | nn.GELU
    )
    if not transformer:
        assert subject.score("swap")["swap"].value == patterns_of(subject, nn.ReLU)


def test_sizes_and_norms_of_weights_are_what_one_counts(subject):
    scores = subject.score("params", "l2_norm")
    assert scores["params"].value * 1e6 == pytest.approx(
        sum(weight.numel() for weight in subject.network.parameters())
    )
    norms = [
        float(sum(value**2 for value in weight.flatten().tolist())) ** 0.5
        for weight in weights(subject.network)
    ]
    assert scores["l2_norm"].value == pytest.approx(sum(norms), rel=1e-12)


def test_gradients_are_those_of_a_plain_backward_pass(subject):
    found = subject.score("grad_norm", "snip", "plain")
    loss = nn.functional.cross_entropy(subject.network.train()(subject.images), subject.labels)
    loss.backward()
    pairs = [(weight.detach(), weight.grad) for weight in weights(subject.network)]
    used = [(weight, grad) for weight, grad in pairs if grad is not None]
    assert found["grad_norm"].value == pytest.approx(
        sum(float(grad.norm()) for _, grad in used), rel=1e-10
    )
    assert found["snip"].value == pytest.approx(
        sum(float((w * grad).abs().sum()) for w, grad in used), rel=1e-10
    )
    assert found["plain"].value == pytest.approx(
        sum(float((w * grad).sum()) for w, grad in used), rel=1e-10
    )


def test_gradients_are_those_of_finite_differences(subject):
    """Along its own direction the loss falls as the gradient says; nothing of autograd enters."""
    network, step = subject.network.train(), 1e-6
    plain = subject.score("plain")["plain"].value

    def loss_at(scale):
        # d loss / d scale, with all convolutions and linear layers scaled, is the sum of w * dL/dw.
        with torch.no_grad():
            for weight in weights(network):
                weight.mul_(scale)
            value = float(nn.functional.cross_entropy(network(subject.images), subject.labels))
            for weight in weights(network):
                weight.div_(scale)
        return value

    assert plain == pytest.approx((loss_at(1 + step) - loss_at(1 - step)) / (2 * step), abs=1e-6)
