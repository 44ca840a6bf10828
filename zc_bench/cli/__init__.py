"""The command line: parse, call, print. One file per command or group of commands; importing it adds the command."""

import sys

from zc_bench._internal.memory import keep_freed_memory
from zc_bench.cli import (
    arch,
    check,
    console,
    correlate,
    data,
    listing,
    new,
    report,
    reproduce,
    run,
    score,
    search,
    store,
    train,
)
from zc_bench.cli.app import app
from zc_bench.cli.streams import lasting_streams
from zc_bench.errors import ZcBenchError

__all__ = [
    "app",
    "arch",
    "check",
    "correlate",
    "data",
    "listing",
    "main",
    "new",
    "report",
    "reproduce",
    "run",
    "score",
    "search",
    "store",
    "train",
]


def main() -> None:
    """Run the command line; what the user can mend is one sentence and exit status 2."""
    keep_freed_memory()
    with lasting_streams(), console.warnings_said():
        try:
            app()
        except ZcBenchError as error:
            console.fail(str(error))
            sys.exit(2)
