import math

import pytest
import torch

from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.batch_gradients import BatchGradients
from zc_bench.proxies.zico import zico


def of(first: list[list[float]], second: list[list[float]]) -> float:
    return zico(BatchGradients(tuple(map(torch.tensor, first)), tuple(map(torch.tensor, second))))


def test_it_adds_the_logs_of_the_summed_ratios() -> None:
    # Mean 2 and deviation 1; mean 3 and deviation 3; mean 1.5 and deviation 0.5.
    assert of([[1.0, -3.0], [1.0]], [[3.0, 3.0], [2.0]]) == pytest.approx(
        math.log(2 + 1) + math.log(3)
    )


def test_weights_with_equal_gradients_do_not_count() -> None:
    assert of([[1.0, 5.0], [0.0]], [[3.0, 5.0], [0.0]]) == pytest.approx(math.log(2))


def test_equal_gradients_everywhere_are_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="equal in every layer"):
        of([[1.0], [0.0]], [[1.0], [0.0]])


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_gradient_that_is_no_number_is_not_left_out(value: float) -> None:
    assert math.isnan(of([[1.0, value], [1.0]], [[3.0, value], [2.0]]))
