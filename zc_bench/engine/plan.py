"""A plan: which passes run for some proxies, once each, and in what order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from zc_bench.engine.declare import Pass, Proxy, Requested, pass_registry, proxy_registry
from zc_bench.engine.derived import computed_names
from zc_bench.errors import ZcBenchError


@dataclass(frozen=True)
class Plan:
    """Which passes run for which proxies, each once, in an order that lets observations go early.

    Attributes:
        steps: passes and proxies in the order in which they run.
        requested: the observation types that the steps need.
        unmet: for proxies that cannot run, the reason.
    """

    steps: tuple[Pass | Proxy, ...]
    requested: Requested
    unmet: Mapping[str, str]

    @property
    def passes(self) -> tuple[Pass, ...]:
        """The passes, in the order in which they run."""
        return tuple(step for step in self.steps if isinstance(step, Pass))

    @property
    def proxies(self) -> tuple[Proxy, ...]:
        """The proxies, in the order in which they run."""
        return tuple(step for step in self.steps if isinstance(step, Proxy))

    def rests_on(self, entry: Proxy) -> tuple[Pass, ...]:
        """Return the passes that a proxy needs, directly or not, in the order in which they run."""
        needed = _ancestors(entry)
        return tuple(step for step in self.passes if step.name in {item.name for item in needed})


def _with_ancestors(entry: Proxy) -> list[Pass | Proxy]:
    """List a proxy and the passes that it depends on."""
    return [entry, *_ancestors(entry)]


def _ancestors(step: Pass | Proxy) -> list[Pass]:
    """List the passes that a step depends on, directly or not."""
    found: list[Pass] = []
    queue = [kind for kind in step.needs.values() if kind in pass_registry]
    while queue:
        giver = pass_registry[queue.pop()]
        if giver not in found:
            found.append(giver)
            queue.extend(kind for kind in giver.needs.values() if kind in pass_registry)
    return found


def plan(names: Iterable[str], given: Iterable[type]) -> Plan:
    """Plan the passes that some proxies need.

    Args:
        names: the proxies, by name.
        given: the observation types that the caller will hand in.

    Returns:
        The plan. A proxy is left out and listed in `unmet` if it needs a type that is neither given
        nor any pass's product.

    Raises:
        ZcBenchError: if a name is unknown or passes need each other in a circle.
    """
    available = {*given, Requested}
    asked = [proxy_registry[name] for name in computed_names(names)]
    unmet = {}
    for entry in asked:
        needs = {kind for step in _with_ancestors(entry) for kind in step.needs.values()}
        absent = sorted(
            kind.__name__ for kind in needs if kind not in available and kind not in pass_registry
        )
        if absent:
            unmet[entry.name] = f"{entry.name} needs {', '.join(absent)}, which was not given."
    runnable = [entry for entry in asked if entry.name not in unmet]
    requested = Requested(
        kind
        for entry in runnable
        for step in _with_ancestors(entry)
        for kind in step.needs.values()
    ) - {Requested}
    return Plan(_order(runnable), Requested(requested), unmet)


def _order(asked: Iterable[Proxy]) -> tuple[Pass | Proxy, ...]:
    """Order passes depth first, and each proxy as early as it can run, so that observations go early."""
    by_name: dict[str, Pass | Proxy] = {}
    graph: dict[str, list[str]] = {}
    for entry in asked:
        for step in _with_ancestors(entry):
            name = _step_name(step)
            by_name[name] = step
            graph[name] = [
                _step_name(pass_registry[kind])
                for kind in step.needs.values()
                if kind in pass_registry
            ]
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        message = f"Passes need each other in a circle: {' -> '.join(error.args[1])}."
        raise ZcBenchError(message) from error
    order: list[Pass | Proxy] = []
    stack = list(reversed(sorter.get_ready()))
    while stack:
        # Proxies first: they free what they read. Then the pass that became ready last: depth
        # first.
        name = next((item for item in reversed(stack) if item.startswith("proxy ")), stack[-1])
        stack.remove(name)
        order.append(by_name[name])
        sorter.done(name)
        stack.extend(reversed(sorter.get_ready()))
    return tuple(order)


def _step_name(step: Pass | Proxy) -> str:
    return f"{'proxy' if isinstance(step, Proxy) else 'pass'} {step.name}"
