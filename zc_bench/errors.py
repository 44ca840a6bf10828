"""Errors that the user can correct."""

from collections.abc import Iterable
from difflib import get_close_matches


class ZcBenchError(Exception):
    """An error with one sentence: the thing, the value, what was expected, what to do now.

    The command line prints it without a traceback and exits with status 2.
    """


class ZcBenchWarning(UserWarning):
    """One clear sentence about something that was left out, while the work went on.

    The command line prints it so.
    """


def unknown_name(kind: str, name: str, known: Iterable[str]) -> ZcBenchError:
    """Build the error for an unknown name.

    Args:
        kind: the kind of thing, in the singular ("proxy").
        name: the name that the user typed.
        known: the known names.

    Returns:
        An error that names the closest known name, or all of them.
    """
    names = sorted(known)
    close = get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(names) or 'none'}."
    return ZcBenchError(f"Unknown {kind} {name!r}: {hint}")
