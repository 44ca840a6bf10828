"""Zero-cost NAS proxies on real search spaces: exact, reproducible, fast."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zc_bench.engine.declare import proxy, shared_pass
    from zc_bench.engine.networks import score
    from zc_bench.errors import ZcBenchError
    from zc_bench.execution import evaluate
    from zc_bench.proxies.reg_swap import Regularisation
    from zc_bench.spec import Protocol, Spec
    from zc_bench.statistics.correlate import correlate
    from zc_bench.tables import load_table

# Where each public name is defined. A module is imported when its name is first used.
_HOMES = {
    "Protocol": "spec",
    "Regularisation": "proxies.reg_swap",
    "Spec": "spec",
    "ZcBenchError": "errors",
    "correlate": "statistics.correlate",
    "evaluate": "execution",
    "load_table": "tables",
    "proxy": "engine.declare",
    "score": "engine.networks",
    "shared_pass": "engine.declare",
}

__all__ = [
    "Protocol",
    "Regularisation",
    "Spec",
    "ZcBenchError",
    "correlate",
    "evaluate",
    "load_table",
    "proxy",
    "score",
    "shared_pass",
]


def __getattr__(name: str) -> Any:
    """Import the module of a public name, or a subpackage, when it is first used."""
    if name in _HOMES:
        value = getattr(import_module(f"zc_bench.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    message = f"module 'zc_bench' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
