"""What the tests of this folder share."""

import pytest

from zc_bench.store import Store


@pytest.fixture
def store(tmp_path):
    columns = {f"{name}@1": {} for name in ("params", "swap", "grad_norm", "snip")}
    with Store(tmp_path / "scores.h5", columns, {}) as store:
        yield store
