"""The application that every command joins."""

from pathlib import Path
from typing import Annotated

import typer

from zc_bench.cli import console
from zc_bench.registry import add_plugin_file, load_plugins

HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=HELP,
)


@app.callback()
def load(
    plugin: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Python file with proxies, passes, spaces or figures of your own.",
        ),
    ] = None,
) -> None:
    """Zero-cost NAS proxies on real search spaces."""
    for path in plugin or ():
        add_plugin_file(path)
    for broken in load_plugins():
        console.say(str(broken))


def group(name: str, summary: str) -> typer.Typer:
    """Add a group of commands, `zc-bench <name> ...`."""
    commands = typer.Typer(help=summary, no_args_is_help=True, context_settings=HELP)
    app.add_typer(commands, name=name)
    return commands
