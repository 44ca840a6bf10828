"""Derived proxies: functions of the scores of other proxies. They compute no network."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from zc_bench.engine.declare import Proxy, proxy_registry, signature_of
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.registry import summary_of

F = TypeVar("F", bound=Callable[..., Any])

# float64 (T,): a number for every trial of one search space, task and seed.
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class DerivedProxy(Proxy):
    """A proxy that is a function of the scores of other proxies.

    Its `needs` are its settings, such as mu and sigma, by parameter name.

    Attributes:
        inputs: the proxies whose scores it reads.
        where_not_finite: the reason of a score that is not finite.
        of_set: whether a score depends on the other trials of the set.
    """

    inputs: tuple[str, ...]
    where_not_finite: str
    of_set: bool = False


def derived_proxy(
    name: str,
    *,
    source: str,
    version: int = 1,
    higher_is_better: bool = True,
    where_not_finite: str = "the score is not finite",
    of_set: bool = False,
) -> Callable[[F], F]:
    """Register a proxy that is a function of the scores of other proxies.

    The function comes back unchanged.

    A parameter that is annotated as `Scores` has the name of a proxy, and gets its scores for all
    trials of a search space, task and seed, in the same order as the other parameters. Any other
    parameter is a setting, found by its type. What it reads must be registered first: import
    `zc_bench.proxies`, or the plug-in that has it. The function returns a number per trial. It is
    called with trials of which every input is done.

    Args:
        name: what users type.
        source: paper and equation that the definition follows.
        version: raise it whenever scores change.
        higher_is_better: the direction in which the source reads the score.
        where_not_finite: the reason of a score that is not finite.
        of_set: whether a score depends on the other trials of the set, as a rank does. The function
            then also gets trials with invalid inputs, which are infinite there, in the direction
            that is worse. It is called for two trials or more. The reason of a score says how many
            there were.

    Returns:
        The decorator.

    Raises:
        ZcBenchError: if an annotation or the docstring is missing, no proxy is read, a proxy that
            is read is not registered, or the name is taken.

    Examples:
        >>> import zc_bench.proxies
        >>> @derived_proxy("snip_per_weight", source="an example")
        ... def snip_per_weight(snip: Scores, params: Scores) -> Scores:
        ...     '''Sensitivity of a weight.'''
        ...     return snip / params
        >>> computed_names(["snip_per_weight", "params"])
        ('snip', 'params')
        >>> _ = proxy_registry._items.pop("snip_per_weight")
    """

    def register(function: F) -> F:
        hints, product = signature_of(function)
        inputs = tuple(parameter for parameter, kind in hints.items() if kind == Scores)
        needs = {parameter: kind for parameter, kind in hints.items() if parameter not in inputs}
        if (
            product != Scores
            or not inputs
            or not all(isinstance(kind, type) for kind in needs.values())
        ):
            message = (
                f"The derived proxy {name!r} must take Scores of one proxy or more, in parameters that have their "
                "names, and settings of one class each, and must be annotated to return Scores."
            )
            raise ZcBenchError(message)
        read = [proxy_registry[item] for item in inputs]
        entry = DerivedProxy(
            name=name,
            function=function,
            needs=needs,
            source=source,
            version=version,
            higher_is_better=higher_is_better,
            uses_labels=any(item.uses_labels for item in read),
            classification_only=any(item.classification_only for item in read),
            summary=summary_of(function, "proxy", name, listed="proxies"),
            inputs=inputs,
            where_not_finite=where_not_finite,
            of_set=of_set,
        )
        proxy_registry.register(name, entry)
        return function

    return register


def computed_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the proxies that must be computed on networks for the requested ones.

    Args:
        names: proxies, derived or not.

    Returns:
        Proxies that are not derived, each once.

    Raises:
        ZcBenchError: if a proxy is unknown.

    Examples:
        >>> import zc_bench.proxies
        >>> computed_names(["reg_swap", "snip", "swap"])
        ('swap', 'params', 'snip')
    """
    listed = _with_inputs(names)
    return tuple(name for name in listed if not isinstance(proxy_registry[name], DerivedProxy))


def derivations(names: Iterable[str]) -> tuple[DerivedProxy, ...]:
    """Return the derived proxies that are asked for or read, each after those that it reads."""
    entries = (proxy_registry[name] for name in _with_inputs(names))
    return tuple(entry for entry in entries if isinstance(entry, DerivedProxy))


def compares_a_set(name: str) -> bool:
    """Tell whether the score of a proxy, or of one that it reads, depends on a set of trials.

    Args:
        name: a proxy.

    Raises:
        ZcBenchError: if the proxy is unknown.

    Examples:
        >>> import zc_bench.proxies
        >>> compares_a_set("az_nas"), compares_a_set("reg_swap")
        (True, False)
    """
    return any(entry.of_set for entry in derivations([name]))


def needs_in_words(entry: Proxy) -> str:
    """Say what a proxy needs: observations by name, or the scores of other proxies."""
    kinds = [kind.__name__ for kind in entry.needs.values()]
    scores = [f"scores of {', '.join(entry.inputs)}"] if isinstance(entry, DerivedProxy) else []
    return ", ".join([*scores, *kinds])


def settings_read(names: Iterable[str]) -> frozenset[type]:
    """Return the types of the settings that some proxies read."""
    return frozenset(kind for entry in derivations(names) for kind in entry.needs.values())


def _with_inputs(names: Iterable[str]) -> dict[str, None]:
    """List proxies in the order of names, each once, after those that it reads."""
    listed: dict[str, None] = {}
    for name in names:
        entry = proxy_registry[name]
        inputs = entry.inputs if isinstance(entry, DerivedProxy) else ()
        listed |= _with_inputs(inputs) | {name: None}
    return listed


def derive(
    names: Iterable[str], scores: Mapping[str, Sequence[Score]], *settings: object
) -> dict[str, list[Score]]:
    """Derive scores of the trials of one search space, task and seed.

    Args:
        names: proxies; those that are not derived are left as they are.
        scores: of every input, a score per trial, trials in the same order everywhere.
        *settings: found by their type.

    Returns:
        Of every derived proxy a score per trial. Where an input is not done, it has the status and
        the reason of the first such input; a proxy of a set takes invalid ones. Without a setting
        that it reads, it is undefined, and so is a proxy of a set where there is one trial.

    Examples:
        >>> from zc_bench.proxies.reg_swap import Regularisation
        >>> swap, params = (Score(value, Status.DONE, "", 0.0) for value in (100.0, 1.5))
        >>> found = derive(["reg_swap"], {"swap": [swap], "params": [params]}, Regularisation(1.5, 1))
        >>> found["reg_swap"][0].value
        100.0
    """
    known = dict(scores)
    found: dict[str, list[Score]] = {}
    for entry in derivations(names):
        found[entry.name] = known[entry.name] = derive_alone(entry, known, settings)
    return found


def derive_one(
    names: Iterable[str], scores: Mapping[str, Score], *settings: object
) -> dict[str, Score]:
    """Add derived scores to those of one trial.

    Args:
        names: proxies, derived or not.
        scores: of the computed ones.
        *settings: found by their type.

    Returns:
        A score for every name, in the order of the names.
    """
    listed = tuple(dict.fromkeys(names))
    derived = derive(listed, {name: [score] for name, score in scores.items()}, *settings)
    whole = {**scores, **{name: item for name, (item,) in derived.items()}}
    return {name: whole[name] for name in listed}


def derive_alone(
    entry: DerivedProxy, scores: Mapping[str, Sequence[Score]], settings: Iterable[object]
) -> list[Score]:
    """Derive the scores of one proxy; see `derive`."""
    rows = list(zip(*(scores[name] for name in entry.inputs), strict=True))
    given = {type(item): item for item in settings}
    if absent := sorted(kind.__name__ for kind in entry.needs.values() if kind not in given):
        reason = f"{entry.name} needs {', '.join(absent)}, which was not given."
        return [Score(math.nan, Status.UNDEFINED, reason, 0.0)] * len(rows)
    usable = {Status.DONE, Status.INVALID} if entry.of_set else {Status.DONE}
    done = [row for row in rows if all(item.status in usable for item in row)]
    values = iter(_called(entry, done, {name: given[kind] for name, kind in entry.needs.items()}))
    return [
        next((_lacking(item) for item in row if item.status not in usable), None) or next(values)
        for row in rows
    ]


def _called(
    entry: DerivedProxy, done: Sequence[Sequence[Score]], given: Mapping[str, object]
) -> list[Score]:
    """Call the function for the trials of which every input is done."""
    if not done:
        return []
    if entry.of_set and len(done) == 1:
        reason = f"{entry.name} compares architectures with each other, and here is only one"
        return [Score(math.nan, Status.UNDEFINED, reason, 0.0)]
    table = np.array([[item.value for item in row] for row in done], np.float64)
    if entry.of_set:
        higher = (proxy_registry[name].higher_is_better for name in entry.inputs)
        worst = [-math.inf if better else math.inf for better in higher]
        table = np.where(np.isnan(table), worst, table)
    try:
        values = np.asarray(
            entry.function(**dict(zip(entry.inputs, table.T, strict=True)), **given)
        )
        if values.shape != (len(done),):
            message = f"it returned an array of shape {values.shape} for {len(done)} trials"
            raise ValueError(message)
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; it costs its own scores
        reason = f"{entry.name}: {type(error).__name__}: {error}"
        return [Score(math.nan, Status.FAILED, reason, 0.0)] * len(done)
    pairs = zip(values.astype(np.float64).tolist(), done, strict=True)
    said = f"compared with each other: {len(done):,} architectures" if entry.of_set else ""
    return [_finite(entry, value, row, said) for value, row in pairs]


def _lacking(score: Score) -> Score:
    return Score(math.nan, score.status, score.reason, 0.0)


def _finite(entry: DerivedProxy, value: float, row: Sequence[Score], said: str) -> Score:
    if not math.isfinite(value):
        return Score(math.nan, Status.INVALID, entry.where_not_finite, 0.0)
    # An input that was computed in parts says so; what is derived from it says the same.
    how = (item.reason for item in row if item.reason and item.status is Status.DONE)
    return Score(value, Status.DONE, said or next(how, ""), 0.0)
