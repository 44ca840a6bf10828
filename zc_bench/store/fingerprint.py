"""The dependencies of the columns of stores, their contradictions, and the origin of scores."""

import json
from collections.abc import Mapping
from typing import Any

from zc_bench.engine.fingerprints import Fingerprint

Fingerprints = Mapping[str, Fingerprint]
"""By column, "proxy@version"."""


def contradictions(found: Fingerprints, asked: Fingerprints) -> str:
    """Compare column by column, and in a column section by section.

    A column or a section that only one of the two has, such as a new task, is no contradiction.

    Args:
        found: the dependencies in a store.
        asked: those of another store, or of this run.

    Returns:
        "column, column (section name: value there, value now; ...); ...", or nothing where they
        agree.
    """
    columns: dict[str, list[str]] = {}
    for column in sorted(found.keys() & asked.keys()):
        if different := _differences(found[column], asked[column]):
            columns.setdefault(different, []).append(column)
    return "; ".join(f"{', '.join(named)} ({different})" for different, named in columns.items())


def agree(found: Fingerprint, asked: Fingerprint, task: str) -> bool:
    """Return whether scores of a task depend on the same things."""
    return all(found.get(section) == asked.get(section) for section in ("protocol", task))


def _differences(found: Fingerprint, asked: Fingerprint) -> str:
    return "; ".join(
        f"{section} {name}: {found[section].get(name)!r} there, {asked[section].get(name)!r} now"
        for section in sorted(found)
        if section in asked
        for name in sorted({*found[section], *asked[section]})
        if found[section].get(name) != asked[section].get(name)
    )


def united(first: Fingerprints, second: Fingerprints) -> dict[str, dict[str, dict[str, Any]]]:
    """Join the dependencies of two stores that do not contradict each other."""
    return {
        column: {
            section: dict(said)
            for section, said in {**first.get(column, {}), **second.get(column, {})}.items()
        }
        for column in sorted({*first, *second})
    }


def grouped(fingerprints: Fingerprints) -> dict[str, Fingerprint]:
    """Group the columns that depend on the same things.

    Examples:
        >>> grouped({"params@1": {}, "flops@1": {}})
        {'flops@1, params@1': {}}
    """
    columns: dict[str, list[str]] = {}
    for column, said in sorted(fingerprints.items()):
        columns.setdefault(as_text(said), []).append(column)
    return {", ".join(named): fingerprints[named[0]] for named in columns.values()}


def common_settings(fingerprints: Fingerprints) -> dict[str, Any]:
    """Return the settings of the protocol of which all columns that depend on them say the same.

    Examples:
        >>> common_settings({"a@1": {"protocol": {"n": 1, "k": 2}}, "b@1": {"protocol": {"n": 3}}})
        {'k': 2}
    """
    values: dict[str, list[Any]] = {}
    for column in fingerprints.values():
        for name, value in column.get("protocol", {}).items():
            values.setdefault(name, []).append(value)
    alike = (
        name for name in sorted(values) if all(item == values[name][0] for item in values[name])
    )
    return {name: values[name][0] for name in alike}


def as_read(value: Any) -> Any:
    """Turn a value into what comes back from the file, so that the two compare equal."""
    return json.loads(as_text(value))


def as_text(value: Any) -> str:
    """Write a value as JSON, equal values alike."""
    return json.dumps(value, sort_keys=True)


def others_than(provenance: Mapping[str, Any], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was recorded about a store by others.

    Args:
        provenance: what is recorded by one of those who computed scores of it.
        found: what is recorded by any of them; empty records count for nothing.

    Returns:
        Those that say something else than `provenance`, each once, in an order that depends on
        nothing else.
    """
    by_text = {as_text(other): other for other in found if other and other != provenance}
    return [by_text[text] for text in sorted(by_text)]
