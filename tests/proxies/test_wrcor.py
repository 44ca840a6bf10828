import math

import pytest
import torch
from torch import Tensor, nn

from networks import Layer, Recipe, case, score
from reference.wrcor import wrcor as twin
from zc_bench.engine.scores import InvalidScoreError, Status
from zc_bench.passes.relu_correlations import ReluCorrelations
from zc_bench.proxies.wrcor import wrcor


def test_later_cells_weigh_more_by_hand() -> None:
    ones, unit = torch.ones(2, 2).double(), torch.eye(2).double()
    # K = (1 + 4 * 1, 1; 1, 5)
    assert wrcor(ReluCorrelations({0: ones}, {2: unit})) == pytest.approx(math.log(24))


def test_singular_matrices_are_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="singular"):
        wrcor(ReluCorrelations({0: torch.ones(2, 2).double()}, {}))


def test_no_matrix_is_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="constant"):
        wrcor(ReluCorrelations({}, {}))


def test_equal_images_are_invalid() -> None:
    built = Recipe(images=4, duplicate=True).build()
    built.labels[-1] = built.labels[0]
    assert score(built, ["wrcor"])["wrcor"].status is Status.INVALID


def test_no_relu_is_invalid() -> None:
    found = score(Recipe((Layer(activation="leaky"),)).build(), ["wrcor"])["wrcor"]
    assert found.status is Status.INVALID
    assert "no nn.ReLU" in found.reason


class Shared(nn.Module):
    """Gives one tensor to two ReLUs and to a path without any."""

    is_cell = True

    def __init__(self, *, inplace: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.relus = nn.ModuleList([nn.ReLU(), nn.ReLU(inplace=inplace)])

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return y * 2 + self.relus[0](y) + self.relus[1](y * 3)


def test_shared_inputs_have_a_gradient_per_use() -> None:
    found = []
    for inplace in (False, True):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            cells = Shared(inplace=inplace), Shared(inplace=inplace)
            network = nn.Sequential(*cells, nn.ReLU(), nn.Flatten(), nn.Linear(48, 3)).double()
        built = case(network, 5, 3, 4, 4)
        found.append(score(built, ["wrcor"])["wrcor"].value)
        assert found[-1] == pytest.approx(twin(built), rel=1e-9)
        assert network[0].relus[1].inplace is inplace
    assert found[0] == found[1]
