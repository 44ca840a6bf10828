"""SWAP-NAS (Peng et al. 2024, arXiv:2403.04161): how its figures, tables and claims come about."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zc_bench.paper.catalogue import Reproduction, reproduce, reproductions
    from zc_bench.paper.request import Reproduced

# Where each public name is defined. A module is imported when its name is first used.
_HOMES = {
    "Reproduced": "request",
    "Reproduction": "catalogue",
    "reproduce": "catalogue",
    "reproductions": "catalogue",
}

__all__ = ["Reproduced", "Reproduction", "reproduce", "reproductions"]


def __getattr__(name: str) -> Any:
    """Import the module of a public name when the name is first used."""
    if name in _HOMES:
        value = getattr(import_module(f"zc_bench.paper.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    message = f"module 'zc_bench.paper' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
