"""What the tests of stores share."""

import pytest

from zc_bench.store import journal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "scores.h5"


@pytest.fixture
def no_syncing(monkeypatch):
    """Leave journals to the system, so that no step depends on the clock."""
    monkeypatch.setattr(journal, "SYNC_SECONDS", 3600.0)
