"""What the tests of commands share."""

import sys

import pytest

from zc_bench import cli
from zc_bench.cli import console


@pytest.fixture(autouse=True)
def _wide_lines(monkeypatch):
    """Print tables side by side; tests of narrow ones say how wide."""
    monkeypatch.setattr(console.out, "width", 1000)


@pytest.fixture
def zc_bench(monkeypatch, capsys):
    """Run the command line in this process.

    Return exit status, standard output and standard error.
    """

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["zc-bench", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        captured = capsys.readouterr()
        return exit_.value.code or 0, captured.out, captured.err

    return run
