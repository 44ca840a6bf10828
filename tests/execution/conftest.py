"""What the tests of this folder share."""

import pytest

from zc_bench.store import Store


@pytest.fixture
def store(tmp_path):
    columns = ("params@1", "grad_norm@1", "swap@1", "snip@1", "l2_norm@1")
    with Store(tmp_path / "scores.h5", {column: {} for column in columns}, {}) as store:
        yield store
