"""The page of all commands, from the command line itself."""

from collections.abc import Iterator
from typing import Any

import typer

from generator.markdown import page, plain, table
from zc_bench.cli import app


def text() -> str:
    """Write the page."""
    root = typer.main.get_command(app)
    return page(
        "# Commands",
        "What `zc-bench COMMAND --help` says. What the user can mend is told in one sentence, with exit status 2.",
        _options(root),
        *(part for command in _commands(root, "zc-bench") for part in command),
    )


def _commands(group: Any, words: str) -> Iterator[tuple[str, ...]]:
    for name in sorted(group.list_commands(None)):
        command = group.get_command(None, name)
        if hasattr(command, "commands"):
            yield from _commands(command, f"{words} {name}")
        else:
            usage = " ".join(
                [words, name, *(part.name.upper() for part in command.params if not _dashed(part))]
            )
            yield (
                f"## `{usage}`",
                *map(plain, (command.help or "").split("\n\n")),
                _options(command),
            )


def _options(command: Any) -> str:
    rows = [
        (
            ", ".join(f"`{word}`" for word in part.opts)
            if _dashed(part)
            else f"`{part.name.upper()}`",
            _meaning(part),
        )
        for part in command.params
        if part.name != "help"
    ]
    return table(("option", "meaning"), rows) if rows else ""


def _dashed(part: Any) -> bool:
    return bool(part.opts[0].startswith("-"))


def _meaning(part: Any) -> str:
    """Write the help of an option, with its default unless the help has it."""
    told = plain(part.help or "")
    if part.required:
        return f"{told} *Required.*"
    if isinstance(part.show_default, str):
        return f"{told} Default: {plain(part.show_default)}."
    silent = part.default in (None, "", False) or not _dashed(part)
    return told if silent else f"{told} Default: `{part.default}`."
