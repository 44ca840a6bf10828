"""What the tests of observations share."""

import pytest

from zc_bench.engine import declare as module


@pytest.fixture
def registries():
    """Empty registries; what was registered before comes back afterwards."""
    before = dict(module.proxy_registry._items), dict(module.pass_registry)
    module.proxy_registry._items.clear()
    module.pass_registry.clear()
    yield
    for registry, items in zip(
        (module.proxy_registry._items, module.pass_registry), before, strict=True
    ):
        registry.clear()
        registry.update(items)
