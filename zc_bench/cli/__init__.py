"""The command line: a file per command, which parses, calls one public function and prints."""

from zc_bench.cli.application import app, main

__all__ = ["app", "main"]
