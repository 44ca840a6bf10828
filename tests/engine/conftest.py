"""What the tests of observations share."""

import pytest

from zc_bench import engine as module


@pytest.fixture(autouse=True)
def registries():
    """Empty registries; what was registered before comes back afterwards."""
    before = dict(module.proxies._items), dict(module.passes)
    module.proxies._items.clear()
    module.passes.clear()
    yield
    for registry, items in zip((module.proxies._items, module.passes), before, strict=True):
        registry.clear()
        registry.update(items)
