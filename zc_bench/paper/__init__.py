"""SWAP-NAS (Peng et al. 2024, arXiv:2403.04161): how its figures, tables and claims come about."""

from typing import TYPE_CHECKING

from zc_bench._internal.lazy import lazy_names

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

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
