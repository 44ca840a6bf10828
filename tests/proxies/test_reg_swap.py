import math

import numpy as np
import pytest

from zc_bench import Regularisation
from zc_bench.proxies.reg_swap import reg_swap


def one(swap: float, parameters: int, regularisation: Regularisation) -> float:
    """Score one network."""
    (score,) = reg_swap(np.array([swap]), np.array([parameters / 1e6]), regularisation)
    return float(score)


def test_the_bell_is_one_at_its_centre() -> None:
    assert one(1000.0, 1_500_000, Regularisation(mu=1.5, sigma=0.3)) == 1000


def test_sigma_is_not_squared() -> None:
    assert Regularisation(mu=1.0, sigma=4.0)(3_000_000) == pytest.approx(math.exp(-1))


def test_sizes_below_and_above_the_centre_lose_alike() -> None:
    bell = Regularisation(mu=1.0, sigma=0.5)
    assert bell(700_000) == pytest.approx(bell(1_300_000))
    assert bell(700_000) < 1


def test_there_is_no_score_where_the_bell_is_zero() -> None:
    assert math.isnan(one(1000.0, 30_000_000, Regularisation(mu=1.0, sigma=1.0)))


def test_sizes_in_millions_are_whole_numbers_again() -> None:
    # 1,101,466 / 1e6 * 1e6 is 1101466.0000000002 on the way back for some sizes.
    bell = Regularisation(mu=1.1, sigma=1.21)
    sizes = np.arange(1_000_000, 1_200_000, 37)
    scores = reg_swap(np.full(len(sizes), 977.0), sizes / 1e6, bell)
    assert scores.tolist() == [977 * bell(int(size)) for size in sizes]
