import math

import pytest

from zc_bench import Regularisation
from zc_bench.passes.distinct_patterns import DistinctPatterns
from zc_bench.passes.network_size import NetworkSize
from zc_bench.proxies.reg_swap import reg_swap


def test_the_bell_is_one_at_its_centre() -> None:
    assert (
        reg_swap(DistinctPatterns(1000), NetworkSize(1_500_000), Regularisation(mu=1.5, sigma=0.3))
        == 1000
    )


def test_sigma_is_not_squared() -> None:
    assert Regularisation(mu=1.0, sigma=4.0)(3_000_000) == pytest.approx(math.exp(-1))


def test_sizes_below_and_above_the_centre_lose_alike() -> None:
    bell = Regularisation(mu=1.0, sigma=0.5)
    assert bell(700_000) == pytest.approx(bell(1_300_000))
    assert bell(700_000) < 1
