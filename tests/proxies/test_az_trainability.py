import pytest
import torch

from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.passes.cell_features import CellJacobians
from zc_bench.proxies.az_trainability import az_trainability


def jacobians(*largest: float, identical: bool = False) -> CellJacobians:
    """Make cells with these largest singular values, and smaller ones beside them."""
    products = tuple(
        torch.diag(torch.tensor([value / 2, value, 0.0])).double() for value in largest
    )
    return CellJacobians(products, (*[False] * (len(largest) - 1), identical))


def test_an_isometry_has_the_best_value() -> None:
    assert az_trainability(jacobians(1.0)) == pytest.approx(0, abs=2e-6)
    assert az_trainability(jacobians(0.9)) < az_trainability(jacobians(1.0))
    assert az_trainability(jacobians(1.1)) < az_trainability(jacobians(1.0))


def test_it_is_a_mean_over_cells() -> None:
    # 2 - 4 - 1/4 and 2 - 1/2 - 2
    assert az_trainability(jacobians(4.0, 0.5)) == pytest.approx((-2.25 - 0.5) / 2, abs=1e-5)


def test_the_singular_value_of_a_matrix_that_is_not_square() -> None:
    tall = torch.tensor([[3.0], [4.0]]).double()
    for product in (tall, tall.T):
        found = az_trainability(CellJacobians((product,), (False,)))
        assert found == pytest.approx(2 - 5 - 1 / 5, abs=1e-6)


def test_a_dead_cell_is_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="no gradient passes cell 2"):
        az_trainability(jacobians(1.0, 0.0))


def test_an_identity_is_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="cell 2 does not change its input"):
        az_trainability(jacobians(1.0, 1.0, identical=True))


def test_a_cell_that_enlarges_its_maps_is_undefined() -> None:
    with pytest.raises(UndefinedScoreError, match="larger maps"):
        az_trainability(CellJacobians((), (), enlarged=True))
