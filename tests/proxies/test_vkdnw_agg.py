"""The aggregate of VKDNW; what becomes of sets is tested with az_nas."""

import math

import numpy as np
import pytest

from reference.az_nas import az_nas as sum_of_log_ranks
from zc_bench.proxies.vkdnw_agg import vkdnw_agg


def test_it_equals_its_twin() -> None:
    columns = np.random.default_rng(0).integers(0, 4, (5, 20)).astype(float)
    columns[1, 3] = -math.inf
    assert vkdnw_agg(*columns).tolist() == pytest.approx(sum_of_log_ranks(columns.tolist()))


def test_by_hand() -> None:
    up, down = np.array([0.0, 1.0]), np.array([1.0, 0.0])
    found = vkdnw_agg(up, up, down, np.array([2.0, 2.0]), up)
    assert found[0] == pytest.approx(3 * math.log(1 / 2) + math.log(1.5 / 2))
