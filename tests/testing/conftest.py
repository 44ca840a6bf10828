"""What the tests of contract checks share."""

import pytest

from zc_bench.observe import passes, proxies
from zc_bench.spaces import spaces


@pytest.fixture
def registries(monkeypatch):
    """Let a test register what it likes."""
    monkeypatch.setattr(proxies, "_items", dict(proxies))
    monkeypatch.setattr(spaces, "_items", dict(spaces))
    before = dict(passes)
    yield
    passes.clear()
    passes.update(before)
