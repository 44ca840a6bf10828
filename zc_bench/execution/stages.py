"""Which proxies go first: whoever has little time gets those of a forward pass, and the others trial by trial."""

from collections.abc import Iterable

from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.plan import plan
from zc_bench.passes.forward import Forward
from zc_bench.passes.trial_inputs import TrialInputs


def differentiates(name: str) -> bool:
    """Say whether a proxy keeps the graph of a whole batch, which costs many times its forward pass.

    Args:
        name: of a proxy; unknown ones do not.
    """
    return name in proxy_registry and Forward in plan([name], (TrialInputs,)).requested


def split(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part proxies into those for which a forward pass is enough and those that differentiate a batch."""
    listed = tuple(names)
    costly = tuple(name for name in listed if differentiates(name))
    return tuple(name for name in listed if name not in costly), costly
