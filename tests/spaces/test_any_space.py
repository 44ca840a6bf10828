"""What all spaces have in common."""

import numpy as np
import pytest

from zc_bench.spaces import spaces


@pytest.mark.parametrize("name", spaces)
def test_the_generator_decides_the_sample(name: str) -> None:
    drawn = [[spaces[name].sample(np.random.default_rng(seed)) for _ in range(3)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
