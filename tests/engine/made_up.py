"""Observations, passes and proxies that are made up."""

from dataclasses import dataclass

from zc_bench.engine.declare import proxy as any_proxy
from zc_bench.engine.declare import shared_pass


@dataclass(frozen=True, eq=False)
class Start:
    """What the caller hands in."""


@dataclass(frozen=True, eq=False)
class A:
    value: float = 1.0


@dataclass(frozen=True, eq=False)
class B:
    value: float = 2.0


@dataclass(frozen=True, eq=False)
class C:
    value: float = 3.0


def proxy(name, **facts):
    return any_proxy(name, **{"source": "nobody", **facts})


def statuses(result):
    return {name: str(score.status) for name, score in result.scores.items()}


def give(product, *needs, log=None, name=None, error=None):
    """Register a pass that produces `product()`, or raises, and logs that it ran."""

    def function(**arguments):
        if log is not None:
            log.append(name)
        if error is not None:
            raise error
        return product()

    name = name or product.__name__.lower()
    shared_pass(_annotated(function, name, needs, product))


def reduce_by(name, *needs, log=None, result=1.0, error=None):
    """Register a proxy that returns `result`, or raises, and logs that it ran."""

    def function(**arguments):
        if log is not None:
            log.append(name)
        if error is not None:
            raise error
        return result

    proxy(name)(_annotated(function, name, needs, float))


def _annotated(inner, name, needs, product):
    """Make a function whose parameters are annotated with the needs."""
    parameters = ", ".join(f"n{index}: needs[{index}]" for index in range(len(needs)))
    arguments = ", ".join(f"n{index}=n{index}" for index in range(len(needs)))
    scope = {"inner": inner, "needs": needs, "product": product}
    exec(
        f'def {name}({parameters}) -> product:\n    """Do it."""\n    return inner({arguments})',
        scope,
    )
    return scope[name]
