"""What all spaces have in common."""

import numpy as np
import pytest

from zc_bench.spaces import space_registry


@pytest.mark.parametrize("name", space_registry)
def test_the_generator_decides_the_sample(name: str) -> None:
    drawn = [
        [space_registry[name].sample(np.random.default_rng(seed)) for _ in range(3)]
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
