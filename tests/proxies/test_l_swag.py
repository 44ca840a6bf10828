import math

import pytest
import torch

from networks import Layer, Recipe, score
from zc_bench.engine.scores import InvalidScoreError, Status
from zc_bench.passes.batch_gradients import BatchGradients
from zc_bench.passes.distinct_patterns import DistinctPatterns
from zc_bench.proxies.l_swag import l_swag


def of(first: list[list[float]], second: list[list[float]], count: int = 1) -> float:
    gradients = BatchGradients(tuple(map(torch.tensor, first)), tuple(map(torch.tensor, second)))
    return l_swag(gradients, DistinctPatterns(count))


def test_it_adds_the_logs_of_the_summed_inverse_deviations_of_absolute_values() -> None:
    # Deviations 1 and 3; deviation 0.5.
    assert of([[1.0, -8.0], [-1.0]], [[3.0, 2.0], [2.0]], 5) == pytest.approx(
        5 * (math.log(1 + 1 / 3) + math.log(2))
    )


def test_weights_with_equal_absolute_gradients_do_not_count() -> None:
    assert of([[1.0, 5.0], [0.0]], [[2.0, -5.0], [0.0]]) == pytest.approx(math.log(2))


def test_equal_absolute_gradients_everywhere_are_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="equal in every layer"):
        of([[1.0], [0.0]], [[-1.0], [0.0]])


def test_a_gradient_that_is_no_number_is_not_left_out() -> None:
    assert math.isnan(of([[1.0, math.nan]], [[3.0, math.nan]]))


def test_no_relu_is_invalid() -> None:
    found = score(Recipe((Layer(activation="none"),)).build(), ["l_swag"])["l_swag"]
    assert found.status is Status.INVALID
    assert "no nn.ReLU" in found.reason
