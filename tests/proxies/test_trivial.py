"""The baselines depth, layers and width: by hand, and on NAS-Bench-201 by formula."""

import pytest
import torch
from torch import Tensor, nn

from networks import case, score
from reference import TWINS
from zc_bench.engine.scores import InvalidScoreError, Status
from zc_bench.passes.network_size import LayerSizes
from zc_bench.proxies.width import width
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry

NAMES = ("depth", "layers", "width")


class Branches(nn.Module):
    """A path of one convolution beside a path of three, of which two are behind a zero if asked."""

    def __init__(self, *, zero: bool) -> None:
        super().__init__()
        self.short, self.head = nn.Conv2d(3, 4, 1), nn.Linear(4, 2, bias=False)
        self.long = nn.Sequential(*(nn.Conv2d(3, 3, 1) for _ in range(2)), nn.Conv2d(3, 4, 1))
        self.zero = zero

    def forward(self, x: Tensor) -> Tensor:
        long = self.long(x) * 0.0 if self.zero else self.long(x)
        return self.head((self.short(x) + long).mean((2, 3)))


@pytest.mark.parametrize(("zero", "expected"), [(False, 4), (True, 2)])
def test_depth_is_that_of_the_longest_path_that_is_not_cut(zero: bool, expected: int) -> None:
    built = case(Branches(zero=zero), 3, 3, 4, 4)
    found = score(built, NAMES)
    assert found["depth"].value == expected == TWINS["depth"](built)
    assert found["layers"].value == 2 * 4 + 1
    assert found["width"].value == (4 + 2 + 3 + 3 + 4) / 5


@pytest.mark.parametrize(
    ("key", "convolutions", "longest"),
    [
        ("(2, 2, 2, 2, 2, 2)", 6, 3),
        ("(0, 0, 0, 0, 0, 0)", 0, 0),
        ("(4, 0, 3, 1, 4, 3)", 2, 1),
        ("(2, 1, 1, 3, 1, 2)", 3, 3),
        ("(2, 1, 0, 1, 1, 1)", 1, 0),  # the convolution leads nowhere
    ],
)
def test_formulas_on_nb201(key: str, convolutions: int, longest: int) -> None:
    network = space_registry["nb201"].build(
        space_registry["nb201"].parse(key), task_registry["cifar10"]
    )
    found = score(case(network, 2, 3, 8, 8, classes=10), NAMES)
    assert found["layers"].value == 21 + 45 * convolutions
    assert found["depth"].value == 6 + 15 * longest
    stages = 15 * convolutions * (16 + 32 + 64) / 3
    assert found["width"].value == pytest.approx(
        (16 + 3 * 32 + 3 * 64 + 10 + stages) / (8 + 15 * convolutions)
    )


def test_a_network_without_a_path_has_depth_zero() -> None:
    network = space_registry["nb201"].build(
        space_registry["nb201"].parse("(1, 1, 1, 1, 1, 1)"), task_registry["cifar10"]
    )
    assert score(case(network, 2, 3, 8, 8, classes=10), ["depth"])["depth"].value == 0


def test_tokens_have_a_depth() -> None:
    network = nn.Sequential(nn.Embedding(9, 4), nn.Linear(4, 4), nn.Flatten(), nn.Linear(12, 2))
    built = case(network, 4, 3)
    tokens = torch.arange(12).reshape(4, 3) % 9
    found = score(type(built)(network, tokens, built.labels, built.second), NAMES)
    assert [found[name].value for name in NAMES] == [2, 5, 3]


def test_a_gate_that_is_learnt_and_starts_at_zero_ends_no_path() -> None:
    class Gated(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.gate = nn.Linear(12, 12), nn.Parameter(torch.zeros(()))

        def forward(self, x: Tensor) -> Tensor:
            return x + self.layer(x) * self.gate

    network = nn.Sequential(nn.Flatten(), Gated(), nn.Linear(12, 3))
    assert score(case(network, 4, 3, 2, 2), ["depth"])["depth"].value == 2


def test_no_layer_has_no_width() -> None:
    with pytest.raises(InvalidScoreError, match="no Conv2d or Linear"):
        width(LayerSizes(tensors=1, widths=()))


def test_a_network_without_gradients_has_no_depth_and_the_reason_says_why() -> None:
    class Cut(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            with torch.no_grad():
                return super().forward(x)

    found = score(case(nn.Sequential(nn.Flatten(), Cut(12, 3)), 4, 3, 2, 2), ["depth"])["depth"]
    assert found.status is Status.INVALID
    assert "cannot be followed" in found.reason
