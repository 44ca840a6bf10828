"""Passes give observations, proxies reduce them to a score; a plan says which run, once each, and in what order.

The annotation is the declaration: what a function takes is what it needs, what it returns is what it gives. This module
knows no network and no dataset; a plug-in declares its passes and proxies with the same two decorators.
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import torch

from zc_bench._gpu_memory import MemoryWatch
from zc_bench.errors import ZcBenchError
from zc_bench.registry import Registry

F = TypeVar("F", bound=Callable[..., Any])


class Status(StrEnum):
    """What became of a score."""

    DONE = "done"
    INVALID = "invalid"  # the definition has no finite value for this network
    UNDEFINED = "undefined"  # the proxy does not exist for this task or without this input
    FAILED = "failed"  # an unexpected error
    OUT_OF_MEMORY = "out_of_memory"


@dataclass(frozen=True, slots=True)
class Score:
    """A proxy's number for one trial, or why there is none.

    Attributes:
        value: the number; NaN unless the status is done.
        status: what became of it.
        reason: one sentence where the status is not done, else empty.
        seconds: time spent reducing, without the passes.
    """

    value: float
    status: Status
    reason: str
    seconds: float

    def __float__(self) -> float:
        return self.value


class InvalidScoreError(Exception):
    """Raised by a pass or proxy whose definition has no finite value for this network; the message is the reason."""


class UndefinedScoreError(Exception):
    """Raised by a pass or proxy that does not exist for this trial; the message is the reason."""


class Wanted(frozenset[type]):
    """The observation types that a plan asks for.

    A pass that gives several observations in one traversal takes this parameter to leave out those that nobody needs.
    """


@dataclass(frozen=True)
class Pass:
    """A traversal of the network, shared by all who need what it gives.

    Attributes:
        name: the function's name.
        function: called with one argument per need.
        needs: observation types by parameter name.
        gives: observation types; several where one traversal gives several.
    """

    name: str
    function: Callable[..., Any] = field(repr=False)
    needs: Mapping[str, type]
    gives: tuple[type, ...]


@dataclass(frozen=True)
class Proxy:
    """A reduction of observations to one number per trial.

    Attributes:
        name: what users type.
        function: called with one argument per need, returns the score.
        needs: observation types by parameter name.
        source: paper and equation.
        version: raised whenever scores change.
        higher_is_better: the direction in which the source reads the score.
        uses_labels: whether the labels of the batch enter the score.
        classification_only: whether the score exists only where the labels are classes.
        summary: the first line of the docstring.
    """

    name: str
    function: Callable[..., float] = field(repr=False)
    needs: Mapping[str, type]
    source: str
    version: int
    higher_is_better: bool
    uses_labels: bool
    classification_only: bool
    summary: str


proxies: Registry[Proxy] = Registry("proxy")
passes: dict[type, Pass] = {}


def shared_pass(function: F) -> F:
    """Register a pass; the function comes back unchanged.

    A pass takes observations and returns one observation, or a tuple of them where one traversal gives several. A
    member of such a tuple that may be left out is annotated as optional.

    Raises:
        ZcBenchError: if an annotation is missing, or somebody gives that observation already.
    """
    needs, gift = _signature(function)
    gives = tuple(_without_none(member) for member in (get_args(gift) if get_origin(gift) is tuple else (gift,)))
    entry = Pass(function.__name__, function, needs, gives)
    for kind in gives:
        if not isinstance(kind, type) or kind is NoneType:
            message = f"The pass {entry.name!r} must return an observation or a tuple of them, not {kind!r}."
            raise ZcBenchError(message)
        if kind in passes:
            message = f"The pass {entry.name!r} gives {kind.__name__}, which {passes[kind].name!r} gives already."
            raise ZcBenchError(message)
    if entry.name in {other.name for other in passes.values()}:
        message = f"A pass {entry.name!r} is registered already: give the function another name."
        raise ZcBenchError(message)
    passes.update(dict.fromkeys(gives, entry))
    return function


def proxy(
    name: str,
    *,
    source: str,
    version: int = 1,
    higher_is_better: bool = True,
    uses_labels: bool = False,
    classification_only: bool = False,
) -> Callable[[F], F]:
    """Register a proxy; the function comes back unchanged.

    Args:
        name: what users type.
        source: paper and equation that the definition follows.
        version: raise it whenever scores change.
        higher_is_better: the direction in which the source reads the score.
        uses_labels: whether the labels of the batch enter the score.
        classification_only: whether the score exists only where the labels are classes.

    Returns:
        The decorator.

    Raises:
        ZcBenchError: if an annotation or the docstring is missing, the return type is not float, or the name is taken.
    """

    def register(function: F) -> F:
        needs, gift = _signature(function)
        if gift is not float:
            message = f"The proxy {name!r} must be annotated to return float, not {gift!r}."
            raise ZcBenchError(message)
        if not function.__doc__:
            message = f"The proxy {name!r} has no docstring: its first line is what `zc-bench list proxies` shows."
            raise ZcBenchError(message)
        summary = function.__doc__.strip().splitlines()[0]
        entry = Proxy(
            name, function, needs, source, version, higher_is_better, uses_labels, classification_only, summary
        )
        proxies.register(name, entry)
        return function

    return register


def _signature(function: Callable[..., Any]) -> tuple[dict[str, type], Any]:
    """Read needs and gift from the annotations."""
    hints = get_type_hints(function)
    code = function.__code__
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    missing = [name for name in (*parameters, "return") if name not in hints]
    if missing:
        message = f"{function.__qualname__} needs a type annotation for: {', '.join(missing)}."
        raise ZcBenchError(message)
    gift = hints.pop("return")
    for name, need in hints.items():
        if not isinstance(need, type):
            message = f"The parameter {name!r} of {function.__qualname__} must be one observation, not {need!r}."
            raise ZcBenchError(message)
    return hints, gift


def _without_none(annotation: Any) -> Any:
    """Turn `X | None` into `X`."""
    members = [member for member in get_args(annotation) if member is not NoneType]
    return members[0] if get_origin(annotation) in (UnionType, Union) and len(members) == 1 else annotation


@dataclass(frozen=True)
class Plan:
    """Which passes run for which proxies, each once, in an order that lets observations go early.

    Attributes:
        steps: passes and proxies in the order in which they run.
        wanted: the observation types that the steps need.
        unmet: for proxies that cannot run, the reason.
    """

    steps: tuple[Pass | Proxy, ...]
    wanted: Wanted
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
    """List a proxy and the passes that it rests on."""
    return [entry, *_ancestors(entry)]


def _ancestors(step: Pass | Proxy) -> list[Pass]:
    """List the passes that a step rests on, directly or not."""
    found: list[Pass] = []
    queue = [kind for kind in step.needs.values() if kind in passes]
    while queue:
        giver = passes[queue.pop()]
        if giver not in found:
            found.append(giver)
            queue.extend(kind for kind in giver.needs.values() if kind in passes)
    return found


def plan(names: Iterable[str], given: Iterable[type]) -> Plan:
    """Plan the passes that some proxies need.

    Args:
        names: the proxies, by name.
        given: the observation types that the caller will hand in.

    Returns:
        The plan. A proxy is left out and listed in `unmet` if it needs a type that is neither given nor any pass's
        gift.

    Raises:
        ZcBenchError: if a name is unknown or passes need each other in a circle.
    """
    available = {*given, Wanted}
    asked = [proxies[name] for name in dict.fromkeys(names)]
    unmet = {}
    for entry in asked:
        needs = {kind for step in _with_ancestors(entry) for kind in step.needs.values()}
        absent = sorted(kind.__name__ for kind in needs if kind not in available and kind not in passes)
        if absent:
            unmet[entry.name] = f"{entry.name} needs {', '.join(absent)}, which was not given."
    runnable = [entry for entry in asked if entry.name not in unmet]
    wanted = Wanted(kind for entry in runnable for step in _with_ancestors(entry) for kind in step.needs.values()) - {
        Wanted
    }
    return Plan(_order(runnable), Wanted(wanted), unmet)


def _order(asked: Iterable[Proxy]) -> tuple[Pass | Proxy, ...]:
    """Order passes depth first, and each proxy as early as it can run, so that observations go early."""
    by_name: dict[str, Pass | Proxy] = {}
    graph: dict[str, list[str]] = {}
    for entry in asked:
        for step in _with_ancestors(entry):
            name = _step_name(step)
            by_name[name] = step
            graph[name] = [_step_name(passes[kind]) for kind in step.needs.values() if kind in passes]
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        message = f"Passes need each other in a circle: {' -> '.join(error.args[1])}."
        raise ZcBenchError(message) from error
    order: list[Pass | Proxy] = []
    stack = list(reversed(sorter.get_ready()))
    while stack:
        # Proxies first: they free what they read. Then the pass that became ready last: depth first.
        name = next((item for item in reversed(stack) if item.startswith("proxy ")), stack[-1])
        stack.remove(name)
        order.append(by_name[name])
        sorter.done(name)
        stack.extend(reversed(sorter.get_ready()))
    return tuple(order)


def _step_name(step: Pass | Proxy) -> str:
    return f"{'proxy' if isinstance(step, Proxy) else 'pass'} {step.name}"


@dataclass(frozen=True)
class Observed:
    """What one trial gave.

    Attributes:
        scores: a score for every proxy that was asked for.
        pass_seconds: time spent in every pass that ran.
        pass_peak_bytes: for every pass that ran on a GPU, the most memory that torch had in use during it, beyond what
            was in use when it began; empty on a CPU, where it cannot be measured cheaply.
    """

    scores: dict[str, Score]
    pass_seconds: dict[str, float]
    pass_peak_bytes: dict[str, int] = field(default_factory=dict)


def observe(planned: Plan, *given: object) -> Observed:
    """Run a plan on one trial.

    Args:
        planned: which passes and proxies run.
        *given: the observations that the plan rests on, found by their type.

    Returns:
        Scores and times. What goes wrong in a pass costs the proxies that rest on it their score, and nobody else.
    """
    known: dict[type, Any] = {type(item): item for item in given}
    known[Wanted] = planned.wanted
    last_use = {kind: index for index, step in enumerate(planned.steps) for kind in step.needs.values()}
    scores = {name: Score(math.nan, Status.UNDEFINED, reason, 0.0) for name, reason in planned.unmet.items()}
    pass_seconds: dict[str, float] = {}
    pass_peak_bytes: dict[str, int] = {}
    for index, step in enumerate(planned.steps):
        memory = MemoryWatch()
        start = time.perf_counter()
        result = _call(step, known)
        seconds = time.perf_counter() - start
        if isinstance(step, Proxy):
            scores[step.name] = _as_score(result, seconds)
        else:
            pass_seconds[step.name] = seconds
            if (peak := memory.rise()) is not None:
                pass_peak_bytes[step.name] = peak
            gifts = result if isinstance(result, tuple) else (result,) * len(step.gives)
            known.update(zip(step.gives, gifts, strict=True))
            del gifts
        del result
        for kind in [kind for kind in known if last_use.get(kind, -1) <= index]:
            del known[kind]
    return Observed(scores, pass_seconds, pass_peak_bytes)


@dataclass(frozen=True)
class _Failure:
    """Stands where a pass could not give its observation."""

    status: Status
    reason: str


def _call(step: Pass | Proxy, known: Mapping[type, Any]) -> Any:
    """Run one step; what it raises becomes a failure that whoever rests on it inherits."""
    arguments = {name: known[kind] for name, kind in step.needs.items()}
    failure = next((value for value in arguments.values() if isinstance(value, _Failure)), None)
    if failure is not None:
        return failure
    try:
        result = step.function(**arguments)
        return float(result) if isinstance(step, Proxy) else _gifts(step, result)
    except InvalidScoreError as error:
        return _Failure(Status.INVALID, str(error))
    except UndefinedScoreError as error:
        return _Failure(Status.UNDEFINED, str(error))
    except (MemoryError, torch.OutOfMemoryError) as error:
        return _Failure(Status.OUT_OF_MEMORY, f"{step.name}: {error}")
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; it costs one cell, with its reason
        return _Failure(Status.FAILED, f"{step.name}: {type(error).__name__}: {error}")


def _gifts(step: Pass, result: Any) -> tuple[Any, ...]:
    """Hold a pass to its annotation; of several observations it may leave some out."""
    gifts = result if isinstance(result, tuple) and not isinstance(result, step.gives) else (result,)
    allowed = [(kind, NoneType) if len(step.gives) > 1 else kind for kind in step.gives]
    if len(gifts) != len(allowed) or not all(map(isinstance, gifts, allowed)):
        given, said = (
            ", ".join(kind.__name__ for kind in kinds) or "nothing" for kinds in (map(type, gifts), step.gives)
        )
        message = f"it gave {given}, its annotation says {said}"
        raise TypeError(message)
    return gifts


def _as_score(result: float | _Failure, seconds: float) -> Score:
    if isinstance(result, _Failure):
        return Score(math.nan, result.status, result.reason, seconds)
    if not math.isfinite(result):
        return Score(math.nan, Status.INVALID, f"the score is {result}", seconds)
    return Score(result, Status.DONE, "", seconds)
