"""Running a plan: an error in a pass fails the proxies that depend on the pass, and no others."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from zc_bench._internal.gpu_memory import MemoryWatch
from zc_bench._internal.out_of_memory import ran_out_of_memory
from zc_bench.engine.declare import Pass, Proxy, Requested
from zc_bench.engine.plan import Plan
from zc_bench.engine.scores import InvalidScoreError, Score, Status, UndefinedScoreError


@dataclass(frozen=True)
class JobResult:
    """What one trial gave.

    Attributes:
        scores: a score for every proxy that was asked for.
        pass_seconds: time spent in every pass that ran.
        pass_peak_bytes: for every pass that ran on a GPU, the most memory that torch had in use
            during it, beyond what was in use when it began; empty on a CPU, where it cannot be
            measured cheaply.
        seconds: how long the worker was busy; None if that was not measured, or the worker died.
    """

    scores: dict[str, Score]
    pass_seconds: dict[str, float]
    pass_peak_bytes: dict[str, int] = field(default_factory=dict)
    seconds: float | None = None


def execute(planned: Plan, *given: object) -> JobResult:
    """Run a plan on one trial.

    Args:
        planned: which passes and proxies run.
        *given: the observations that the plan depends on, found by their type.

    Returns:
        Scores and times. An error in a pass fails the proxies that depend on it, and no others.
    """
    known: dict[type, Any] = {type(item): item for item in given}
    known[Requested] = planned.requested
    last_use = {
        kind: index for index, step in enumerate(planned.steps) for kind in step.needs.values()
    }
    scores = {
        name: Score(math.nan, Status.UNDEFINED, reason, 0.0)
        for name, reason in planned.unmet.items()
    }
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
            products = result if isinstance(result, tuple) else (result,) * len(step.produces)
            known.update(zip(step.produces, products, strict=True))
            del products
        del result
        for kind in [kind for kind in known if last_use.get(kind, -1) <= index]:
            del known[kind]
    return JobResult(scores, pass_seconds, pass_peak_bytes)


@dataclass(frozen=True)
class _Failure:
    """Takes the place of an observation whose pass failed."""

    status: Status
    reason: str


def _call(step: Pass | Proxy, known: Mapping[type, Any]) -> Any:
    """Run one step; an error becomes a failure of all steps that depend on it."""
    arguments = {name: known[kind] for name, kind in step.needs.items()}
    failure = next((value for value in arguments.values() if isinstance(value, _Failure)), None)
    if failure is not None:
        return failure
    try:
        result = step.function(**arguments)
        return float(result) if isinstance(step, Proxy) else _products(step, result)
    except InvalidScoreError as error:
        return _Failure(Status.INVALID, str(error))
    except UndefinedScoreError as error:
        return _Failure(Status.UNDEFINED, str(error))
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; it costs one cell, with its reason
        if ran_out_of_memory(error):
            return _Failure(Status.OUT_OF_MEMORY, f"{step.name}: {error}")
        return _Failure(Status.FAILED, f"{step.name}: {type(error).__name__}: {error}")


def _products(step: Pass, result: Any) -> tuple[Any, ...]:
    """Hold a pass to its annotation; of several observations it may leave some out."""
    products = (
        result if isinstance(result, tuple) and not isinstance(result, step.produces) else (result,)
    )
    allowed = [(kind, NoneType) if len(step.produces) > 1 else kind for kind in step.produces]
    if len(products) != len(allowed) or not all(map(isinstance, products, allowed)):
        given, said = (
            ", ".join(kind.__name__ for kind in kinds) or "nothing"
            for kinds in (map(type, products), step.produces)
        )
        message = f"it returned {given}, its annotation says {said}"
        raise TypeError(message)
    return products


def _as_score(result: float | _Failure, seconds: float) -> Score:
    if isinstance(result, _Failure):
        return Score(math.nan, result.status, result.reason, seconds)
    if not math.isfinite(result):
        return Score(math.nan, Status.INVALID, f"the score is {result}", seconds)
    return Score(result, Status.DONE, "", seconds)
