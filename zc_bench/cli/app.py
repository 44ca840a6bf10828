"""The application that every command joins."""

import typer

HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    help="Zero-cost NAS proxies on real search spaces.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=HELP,
)


def group(name: str, summary: str) -> typer.Typer:
    """Add a group of commands, `zc-bench <name> ...`."""
    commands = typer.Typer(help=summary, no_args_is_help=True, context_settings=HELP)
    app.add_typer(commands, name=name)
    return commands
