"""What the tests of contract checks share."""

import pytest

from zc_bench.engine.declare import pass_registry, proxy_registry
from zc_bench.spaces import space_registry


@pytest.fixture
def registries(monkeypatch):
    """Let a test register what it likes."""
    monkeypatch.setattr(proxy_registry, "_items", dict(proxy_registry))
    monkeypatch.setattr(space_registry, "_items", dict(space_registry))
    before = dict(pass_registry)
    yield
    pass_registry.clear()
    pass_registry.update(before)
