"""What the tests of this folder share."""

import pytest

from zc_bench.store import Store


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "scores.h5", {"params@1": {}, "grad_norm@1": {}}, {}) as store:
        yield store
