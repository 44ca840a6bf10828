"""Protocols by name."""

from dataclasses import fields

from generator.markdown import table
from zc_bench.presets import presets
from zc_bench.spec import Protocol


def settings() -> str:
    """Write a table of all presets, setting by setting."""
    rows = [
        (f"`{setting.name}`", *(_written(getattr(protocol, setting.name)) for protocol in presets.values()))
        for setting in fields(Protocol)
    ]
    return table(("setting", *(f"`{name}`" for name in presets)), rows)


def _written(value: object) -> str:
    match value:
        case None:
            return "by rule"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
