import torch

from zc_bench.kernels import pattern_count
from zc_bench.passes.pattern_agreements import pattern_agreements
from zc_bench.passes.relu_patterns import ReluPatterns
from zc_bench.proxies.linear_regions import linear_regions


def of(values: list[list[float]]) -> float:
    tensor = torch.tensor(values)
    return linear_regions(pattern_agreements(ReluPatterns(pattern_count.pack(tensor), len(tensor))))


def test_images_with_the_same_pattern_share_a_region() -> None:
    assert of([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [3.0, 0.0]]) == 2


def test_images_that_differ_in_one_unit_lie_in_two_regions() -> None:
    assert of([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]]) == 2


def test_opposite_patterns_are_not_the_same() -> None:
    assert of([[1.0, 0.0], [0.0, 1.0]]) == 2
