"""`--help`: no text is interpreted as markup, and defaults in words are shown."""

import re
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from zc_bench.cli import app
from zc_bench.cli.application import COMMANDS as LISTED


def leaves(group, words=()):
    """List all commands with the words that call them."""
    for name in group.list_commands(None):
        command = group.get_command(None, name)
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


def test_there_are_commands_and_groups():
    assert {("correlate",), ("list",), ("store", "show"), ("data", "fetch")} <= set(COMMANDS)


@pytest.mark.parametrize("name", LISTED)
def test_the_summary_in_the_list_is_that_of_the_command(name):
    _, summary = LISTED[name]
    command = typer.main.get_command(app).get_command(None, name)
    said = " ".join((command.help or "").split("\n\n")[0].split())
    assert said.startswith(summary.removesuffix("."))


def test_help_and_version_import_no_torch():
    for word in ("--help", "--version"):
        script = f"import sys; sys.argv = ['zc-bench', '{word}']\n"
        script += "from zc_bench.cli import main\n"
        script += "try:\n    main()\nexcept SystemExit:\n    pass\n"
        script += "assert 'torch' not in sys.modules and 'pandas' not in sys.modules"
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
