"""`--help`: nothing that is written there is taken for markup, and defaults in words are shown."""

import re

import pytest
import typer
from typer.testing import CliRunner

from zc_bench.cli import app


def leaves(group, words=()):
    """List all commands with the words that call them."""
    for name, command in group.commands.items():
        yield from (
            leaves(command, (*words, name))
            if hasattr(command, "commands")
            else [((*words, name), command)]
        )


COMMANDS = dict(leaves(typer.main.get_command(app)))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_all_that_is_told_of_an_option_is_shown(words):
    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "400"}).output
    shown = re.sub(r"[\s│]+", " ", shown)
    for part in COMMANDS[words].params:
        assert part.help is None or part.help in shown
        assert (
            not isinstance(part.show_default, str) or f"[default: ({part.show_default})]" in shown
        )
