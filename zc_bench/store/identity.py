"""What scores depend on, in named sections that must not contradict each other, and what is recorded about them."""

import json
from collections.abc import Mapping
from typing import Any

Identity = Mapping[str, Mapping[str, Any]]


def contradictions(found: Identity, asked: Identity) -> str:
    """Compare section by section; a section that only one of the two has, such as a new task, is no contradiction.

    Args:
        found: what a store says.
        asked: what another, or the run at hand, says.

    Returns:
        "section name: value there, value now; ...", or nothing where they agree.
    """
    return "; ".join(
        f"{section} {name}: {found[section].get(name)!r} there, {asked[section].get(name)!r} now"
        for section in found
        if section in asked
        for name in sorted({*found[section], *asked[section]})
        if found[section].get(name) != asked[section].get(name)
    )


def as_read(value: Any) -> Any:
    """Turn a value into what comes back from the file, so that the two compare equal."""
    return json.loads(as_text(value))


def as_text(value: Any) -> str:
    """Write a value as JSON, equal values alike."""
    return json.dumps(value, sort_keys=True)


def others_than(about: Mapping[str, Any], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was recorded about a store by others.

    Args:
        about: what is recorded by one of those who computed scores of it.
        found: what is recorded by any of them; empty records count for nothing.

    Returns:
        Those that say something else than `about`, each once, in an order that depends on nothing else.
    """
    by_text = {as_text(other): other for other in found if other and other != about}
    return [by_text[text] for text in sorted(by_text)]
