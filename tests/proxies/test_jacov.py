import math

import pytest
import torch

from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.input_jacobian import InputJacobian
from zc_bench.proxies.jacov import correlation, jacov


def of(rows: list[list[float]] | torch.Tensor) -> float:
    return jacov(InputJacobian(torch.as_tensor(rows), None, 3))


def term(eigenvalue: float) -> float:
    return -(math.log(eigenvalue + 1e-5) + 1 / (eigenvalue + 1e-5))


def test_uncorrelated_images_score_minus_their_number() -> None:
    rows = [[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]]
    assert of(rows) == pytest.approx(3 * term(1))
    assert of(rows) == pytest.approx(-3, abs=1e-6)


def test_equal_images_score_the_worst() -> None:
    assert of([[1.0, 2.0, 4.0]] * 3) == pytest.approx(term(3) + 2 * term(0), rel=1e-9)


def test_opposite_images_are_as_bad_as_equal_ones() -> None:
    assert of([[1.0, 2.0, 4.0], [-1.0, -2.0, -4.0]]) == pytest.approx(term(2) + term(0), rel=1e-9)


def test_two_images_score_by_their_correlation() -> None:
    # Correlation 0.5: eigenvalues 1.5 and 0.5.
    assert of([[1.0, 0.0, -1.0], [1.0, -1.0, 0.0]]) == pytest.approx(term(1.5) + term(0.5))


def test_one_image_scores_minus_one() -> None:
    assert of([[1.0, 2.0]]) == pytest.approx(term(1))


def test_scale_and_offset_of_a_row_do_not_matter() -> None:
    rows = torch.randn(5, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert of(rows * 1e-20 + 3e-20) == pytest.approx(of(rows), rel=1e-6)


def test_images_beyond_the_rank_of_the_jacobian_have_eigenvalues_of_zero() -> None:
    rows = torch.randn(32, 5, generator=torch.Generator().manual_seed(0))
    assert of(rows) == pytest.approx(28 * term(0), rel=1e-3)


@pytest.mark.parametrize("row", [[0.0, 0.0, 0.0], [0.1, 0.1, 0.1], [1e30, 1e30, 1e30]])
def test_a_constant_row_is_invalid(row: list[float]) -> None:
    with pytest.raises(InvalidScoreError, match="1 of 2 rows of the Jacobian are constant"):
        of([[1.0, 2.0, 3.0], row])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_row_that_is_not_finite_is_invalid(value: float) -> None:
    with pytest.raises(InvalidScoreError, match="not finite"):
        of([[1.0, 2.0, 3.0], [1.0, value, 0.0]])


def test_correlations_are_numpys() -> None:
    rows = torch.randn(6, 50, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(correlation(rows), torch.corrcoef(rows.double()))
