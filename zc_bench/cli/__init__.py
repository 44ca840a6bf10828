"""The command line: a file per command, which parses, calls one public function and prints."""

try:
    from zc_bench.cli.application import app, main
except KeyboardInterrupt:
    raise SystemExit(130) from None

__all__ = ["app", "main"]
