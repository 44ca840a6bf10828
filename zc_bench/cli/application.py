"""The application: which commands there are, and where each is defined."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from zc_bench._internal.threads import import_torch

HELP = {"help_option_names": ["-h", "--help"]}

# By command: the module that defines it, and the first line of its help. A module is imported when
# its command runs: importing torch for a list of commands takes seconds.
COMMANDS = {
    "correlate": ("correlate", "Correlate proxies with the ground truth of a search space."),
    "run": (
        "run",
        "Run an experiment: several search spaces that share the time, one report over all of them.",
    ),
    "reproduce": (
        "reproduce",
        "Reproduce a figure or table of SWAP-NAS (arXiv:2403.04161), or of a plug-in.",
    ),
    "search": ("search", "Search for good architectures, guided by a proxy."),
    "score": ("score", "Score one architecture, with the same numbers as in a run with that seed."),
    "report": ("report", "Write a page that explains stores."),
    "audit": (
        "audit",
        "Audit a proxy: is it more than depth and size, and what does it do at the top?",
    ),
    "compare": (
        "compare",
        "Compare proxies: paired differences, critical difference, agreement, information.",
    ),
    "leaderboard": (
        "leaderboard",
        "Write a page with all proxies of some stores, and their audits.",
    ),
    "submit": ("submit", "Scores for the leaderboard: check a store before it is shown."),
    "list": ("listing", "List what there is."),
    "explain": (
        "explain",
        "Show which passes over the network run, each once, and which proxies use them.",
    ),
    "arch": ("arch", "Explain architectures: every encoding, sizes, a drawing."),
    "store": ("store", "Look into stores, merge them, export their scores."),
    "data": (
        "data",
        "Ground truth: what is here, where the rest comes from, and files of your own.",
    ),
    "train": ("train", "Train a network of DARTS cells."),
    "new": ("new", "Begin a proxy of your own: a file and its test."),
    "check": ("check", "Check proxies, passes and search spaces, your own or others'."),
}

# What Ctrl-C does once the command has begun; empty from then on.
_handlers: list[Any] = []

# Modules that do not need torch for all that they do.
WITHOUT_TORCH = ("data",)


class LazyGroup(TyperGroup):
    """A group that imports a command when it is needed, and no command for its own help."""

    _listing = False

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature of click
        """Return the names of all commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return a command; while the help is written, only its name and summary."""
        if cmd_name not in COMMANDS:
            return None
        module, summary = COMMANDS[cmd_name]
        if self._listing:
            return TyperCommand(cmd_name, help=summary)
        if module not in WITHOUT_TORCH:
            import_torch()
        application = import_module(f"zc_bench.cli.{module}").app
        command = typer.main.get_command(application)
        command.name = cmd_name
        return command

    def invoke(self, ctx: Any) -> Any:
        """Run a command; Ctrl-C ends it with status 130."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help without importing any command."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False


def new_app(**settings: Any) -> typer.Typer:
    """Return the application of one command, or of a group of commands."""
    options = {"add_completion": False, "pretty_exceptions_enable": False, **settings}
    return typer.Typer(context_settings=HELP, **options)


def new_group(summary: str) -> typer.Typer:
    """Return the application of a group of commands, `zc-bench <name> ...`."""
    group = new_app(help=summary, no_args_is_help=True)

    @group.callback()
    def _group() -> None:
        pass

    return group


app = new_app(cls=LazyGroup, no_args_is_help=True)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"zc-bench {installed_version('zc-bench')}")
        raise typer.Exit


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
    version: Annotated[  # noqa: ARG001 - its callback prints it
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Zero-cost NAS proxies on real search spaces."""
    from zc_bench.cli import console
    from zc_bench.registry import add_plugin_file, load_plugins

    console.show_log()
    for path in plugin or ():
        add_plugin_file(path)
    for broken in load_plugins():
        console.say(str(broken))
    _raise_interrupts()


def main() -> None:
    """Run the command line; what the user can mend is one sentence and exit status 2."""
    with _ended_by_interrupts():
        _run()


@contextmanager
def _ended_by_interrupts() -> Iterator[None]:
    """Let Ctrl-C end the process at once, until the command begins.

    An exception in the middle of an import turns into others: NumPy and torch cannot be imported
    twice.
    """
    # A process in the background of a shell ignores Ctrl-C, and goes on to do so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        _handlers.append(signal.default_int_handler)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        _raise_interrupts()


def _raise_interrupts() -> None:
    """Have Ctrl-C raise KeyboardInterrupt again."""
    if _handlers:
        signal.signal(signal.SIGINT, _handlers.pop())


def _run() -> None:
    from zc_bench._internal.memory import keep_freed_memory
    from zc_bench.cli import console
    from zc_bench.cli.streams import lasting_streams
    from zc_bench.errors import ZcBenchError

    keep_freed_memory()
    with lasting_streams(), console.warnings_said():
        try:
            app()
        except ZcBenchError as error:
            console.fail(str(error))
            raise SystemExit(2) from None
        except (OSError, MemoryError, RuntimeError) as error:
            if (sentence := _of_the_system(error)) is None:
                raise
            console.fail(sentence)
            raise SystemExit(2) from None


def _of_the_system(error: OSError | MemoryError | RuntimeError) -> str | None:
    """Return one sentence for what the system refused, and None for any other error."""
    from zc_bench._internal.out_of_memory import ran_out_of_memory

    if ran_out_of_memory(error):
        remedy = "take a smaller --batch-size, smaller images or fewer --workers"
        return f"There is not enough memory: {remedy}."
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return (
            f"The system refuses ({place}{error.strerror}): correct the path, or its permissions."
        )
    return None
