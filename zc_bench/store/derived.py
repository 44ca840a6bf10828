"""Derived scores: computed from the scores of a store on request, and not stored."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import DerivedProxy, derivations, derive_alone
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.store.contents import Contents, TrialKey, column_name


def with_derived(
    contents: Contents,
    names: Iterable[str] | None = None,
    regularisations: Mapping[str, Regularisation] | None = None,
) -> Contents:
    """Add derived scores to those of a store, in memory.

    Args:
        contents: of a store.
        names: proxies; unless given, all derived ones whose settings the store has on record.
        regularisations: mu and sigma by task; unless given, those that the store has on record.

    Returns:
        The same with more scores, for trials that have all scores that a derived proxy reads.
    """
    known = recorded_regularisations(contents) if regularisations is None else regularisations
    whole = replace(contents, trials=dict(contents.trials))
    for (task, _), keys in _sets(contents.trials).items():
        settings = [known[task]] if task in known else []
        for entry in derivations(_possible(settings) if names is None else names):
            _add(whole, entry, keys, settings)
    return whole


def recorded_regularisations(contents: Contents) -> dict[str, Regularisation]:
    """Return mu and sigma by task, as those who asked for reg_swap recorded them.

    The last one counts.
    """
    found: dict[str, Regularisation] = {}
    for record in reversed([contents.provenance, *contents.other_provenance]):
        for task, said in record.get("regularisation", {}).items():
            found[task] = Regularisation(**said)
    return found


def _possible(settings: Iterable[object]) -> list[str]:
    """Name the derived proxies whose settings are known."""
    kinds = set(map(type, settings))
    return [
        name
        for name, entry in proxy_registry.items()
        if isinstance(entry, DerivedProxy) and kinds.issuperset(entry.needs.values())
    ]


def _sets(trials: Iterable[TrialKey]) -> dict[tuple[str, int], list[TrialKey]]:
    """Gather trials by task and seed: a derived proxy may rank those of one set."""
    found: dict[tuple[str, int], list[TrialKey]] = {}
    for key in trials:
        found.setdefault((key.task, key.seed), []).append(key)
    return found


def _add(
    whole: Contents, entry: DerivedProxy, keys: Iterable[TrialKey], settings: Iterable[object]
) -> None:
    inputs = {name: column_name(name, proxy_registry[name].version) for name in entry.inputs}
    rows = [
        (key, whole.trials[key])
        for key in keys
        if whole.trials[key].scores.keys() >= set(inputs.values())
    ]
    read = {name: [row.scores[column] for _, row in rows] for name, column in inputs.items()}
    scores = derive_alone(entry, read, settings)
    own = column_name(entry.name, entry.version)
    for (key, row), score in zip(rows, scores, strict=True):
        whole.trials[key] = replace(row, scores={**row.scores, own: score})
