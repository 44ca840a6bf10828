"""Protocols by name, of scoring and of training."""

from dataclasses import fields

from generator.markdown import table
from zc_bench.spec import Protocol, preset_registry
from zc_bench.train import recipes


def settings() -> str:
    """Write a table of all presets, setting by setting."""
    rows = [
        (
            f"`{setting.name}`",
            *(_written(getattr(protocol, setting.name)) for protocol in preset_registry.values()),
        )
        for setting in fields(Protocol)
    ]
    return table(("setting", *(f"`{name}`" for name in preset_registry)), rows)


def trainings() -> str:
    """Write a table of the training protocol of the authors of DARTS, setting by setting, task by task."""
    by_task = {
        task: {"cells": recipe.skeleton.cells, "width": recipe.skeleton.width, **vars(recipe)}
        for task, recipe in recipes["darts"].items()
    }
    # What the page says in words.
    left_out = {"skeleton", "momentum", "clip", "auxiliary", "images"}
    first, *_ = by_task.values()
    rows = [
        (
            f"`{name}`",
            *(
                "cosine" if settings[name] is None else _written(settings[name])
                for settings in by_task.values()
            ),
        )
        for name in first
        if name not in left_out
    ]
    return table(("setting", *by_task), rows)


def _written(value: object) -> str:
    match value:
        case None:
            return "by rule"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
