import math

import pytest
import torch

from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.passes.input_jacobian import InputJacobian
from zc_bench.proxies.epe_nas import epe_nas

SELF = math.log(1 + 1e-5)  # an image with itself, or with an equal one
HALF = math.log(0.5 + 1e-5)

# The first two and the last two are correlated by one half, up to the sign.
ROWS = torch.tensor([[1.0, 0.0, -1.0], [1.0, -1.0, 0.0], [2.0, 1.0, 0.0], [0.0, 1.0, -1.0]])


def of(
    labels: list[int] | torch.Tensor | None, classes: int = 10, rows: torch.Tensor = ROWS
) -> float:
    labels = labels if labels is None else torch.as_tensor(labels)
    return epe_nas(InputJacobian(rows, labels, classes))


def test_it_adds_the_absolute_sums_of_the_classes() -> None:
    # Each class: two images with themselves, and the pair twice.
    assert of([0, 0, 1, 1]) == pytest.approx(2 * abs(2 * SELF + 2 * HALF))


def test_single_images_count_up_to_100_classes() -> None:
    assert of([0, 0, 1, 2], classes=100) == pytest.approx(abs(2 * SELF + 2 * HALF) + 2 * abs(SELF))


def test_above_100_classes_it_compares_the_classes() -> None:
    rows = torch.cat([ROWS[:2], ROWS[2:3].repeat(3, 1)])
    first = (2 * SELF + 2 * HALF) / 2
    second = 9 * SELF / 3
    # The mean over the two classes of the sum over both of the difference.
    assert of([7, 7, 3, 3, 3], classes=101, rows=rows) == pytest.approx(abs(first - second))


def test_above_100_classes_single_images_are_left_out() -> None:
    assert of([0, 0, 1, 2], classes=120) == 0
    with pytest.raises(InvalidScoreError, match="no class has two images among 4"):
        of([0, 1, 2, 3], classes=120)


def test_the_order_of_images_does_not_matter() -> None:
    order = torch.tensor([2, 0, 3, 1])
    assert of(torch.tensor([0, 0, 1, 1])[order], rows=ROWS[order]) == pytest.approx(
        of([0, 0, 1, 1])
    )


@pytest.mark.parametrize("labels", [None, torch.ones(4, 3), torch.ones(4), torch.ones(4, 3, 2, 2)])
def test_it_is_undefined_without_classes(labels: torch.Tensor | None) -> None:
    with pytest.raises(UndefinedScoreError, match="the labels are not classes"):
        of(labels)


def test_a_distribution_counts_as_its_likeliest_class() -> None:
    likely = torch.tensor([[0.6, 0.3, 0.1], [0.4, 0.35, 0.25], [0.1, 0.2, 0.7], [0.0, 0.0, 1.0]])
    assert of(likely, classes=3) == of([0, 0, 2, 2], classes=3)


@pytest.mark.parametrize("labels", [torch.ones(4, 10), torch.tensor([[1.5, -0.5, 0.0]] * 4)])
def test_values_are_no_distribution(labels: torch.Tensor) -> None:
    with pytest.raises(UndefinedScoreError, match="the labels are not classes"):
        of(labels, classes=labels.shape[1])


def test_a_constant_row_is_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="4 of 4 rows"):
        of([0, 0, 1, 1], rows=torch.zeros(4, 3))
