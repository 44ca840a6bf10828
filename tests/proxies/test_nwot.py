import math

import pytest
import torch

from reference.nwot import determinant
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.kernels import pattern_count
from zc_bench.passes.pattern_agreements import pattern_agreements
from zc_bench.passes.relu_patterns import ReluPatterns
from zc_bench.proxies.nwot import nwot


def of(values: torch.Tensor) -> float:
    return nwot(pattern_agreements(ReluPatterns(pattern_count.pack(values), len(values))))


def test_it_is_the_log_of_the_determinant_of_agreements() -> None:
    # Of four units the images agree on one: K = [[4, 1], [1, 4]].
    assert of(torch.tensor([[1.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0]])) == pytest.approx(
        math.log(15)
    )


def test_one_image_agrees_with_itself_on_all_units() -> None:
    assert of(torch.rand(1, 50)) == pytest.approx(math.log(50))


@pytest.mark.parametrize("images", [2, 16, 33])
def test_it_equals_the_exact_determinant(images: int) -> None:
    values = torch.randn(images, 400, generator=torch.Generator().manual_seed(images)).relu()
    bits = (values > 0).long()
    kernel = bits @ bits.T + (1 - bits) @ (1 - bits).T
    assert of(values) == pytest.approx(math.log(determinant(kernel.tolist())), rel=1e-12)


def test_a_large_batch_does_not_overflow() -> None:
    values = torch.randn(130, 3000, generator=torch.Generator().manual_seed(0)).relu()
    bits = (values > 0).double()
    kernel = bits @ bits.T + (1 - bits) @ (1 - bits).T
    assert of(values) == pytest.approx(float(torch.linalg.slogdet(kernel)[1]), rel=1e-12)


def test_two_equal_images_make_it_invalid() -> None:
    values = torch.randn(5, 200, generator=torch.Generator().manual_seed(0))
    values[4] = values[1]
    with pytest.raises(InvalidScoreError, match="determinant is zero"):
        of(values)


def test_fewer_units_than_images_need_make_it_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="determinant is zero"):
        of(torch.randn(32, 8, generator=torch.Generator().manual_seed(0)))


def test_dead_units_agree_for_all_images() -> None:
    values = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    # K = [[2, 0], [0, 2]], and with three dead units [[5, 3], [3, 5]].
    assert of(values) == pytest.approx(math.log(4))
    assert of(torch.cat([values, torch.zeros(2, 3)], dim=1)) == pytest.approx(math.log(16))
