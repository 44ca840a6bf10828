"""Counting distinct patterns of a network."""

import pytest
import torch

from zc_bench.engine.scores import InvalidScoreError
from zc_bench.kernels import pattern_count
from zc_bench.passes.distinct_patterns import distinct_patterns
from zc_bench.passes.pattern_agreements import pattern_agreements
from zc_bench.passes.relu_patterns import ReluPatterns

# Two images, five units.
VALUES = torch.tensor([[1.0, 0.0, 2.0, 0.0, 3.0], [0.0, 1.0, 0.5, 0.0, 0.0]])


def test_patterns_of_all_layers_are_counted_together() -> None:
    layers = [VALUES[:, :2], VALUES[:, 2:]]
    words = torch.cat([pattern_count.pack(layer) for layer in layers])
    # 10, 01, 11, 00, and 10 once more.
    assert distinct_patterns(ReluPatterns(words, 2)).count == 4


def test_agreements_count_units_that_are_both_active_or_both_not() -> None:
    given = pattern_agreements(ReluPatterns(pattern_count.pack(VALUES), 2))
    # Images agree on the third unit, active for both, and on the fourth, active for neither.
    assert given.agreements.tolist() == [[5, 2], [2, 5]]
    assert given.units == 5


@pytest.mark.parametrize("counting", [distinct_patterns, pattern_agreements])
def test_a_network_without_units_is_refused(counting) -> None:
    with pytest.raises(InvalidScoreError, match=r"no nn\.ReLU"):
        counting(ReluPatterns(torch.zeros(0, 1, dtype=torch.int64), 2))
