"""Errors that the user can correct."""

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 200  # letters of a value


class ZcBenchError(Exception):
    """An error with one sentence: the thing, the value, what was expected, what to do now.

    The command line prints it without a traceback and exits with status 2.
    """


class ZcBenchWarning(UserWarning):
    """One clear sentence about something that was left out, while the work went on.

    The command line prints it so.
    """


def shown(value: object) -> str:
    """Write a value for a message, however large or deep it is.

    Args:
        value: any value.

    Returns:
        What Python writes, shortened; or its type, where Python writes nothing.

    Examples:
        >>> shown("a"), len(shown("a" * 1000)), shown(16**5000)
        ("'a'", 203, 'a very large int')
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return f"a very large {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def expect(holds: bool, name: str, value: object, expected: str) -> None:
    """Refuse a setting that is out of range.

    Args:
        holds: whether it is in range.
        name: its name.
        value: its value.
        expected: the range, in words.

    Raises:
        ZcBenchError: if it does not hold.

    Examples:
        >>> expect(True, "seeds", 3, "a whole number from 1 up")
    """
    if not holds:
        message = f"{name} = {shown(value)} will not do: expected {expected}."
        raise ZcBenchError(message)


def expect_whole(name: str, value: int, most: int, least: int = 1) -> None:
    """Refuse a whole number that is out of range.

    Args:
        name: its name.
        value: its value.
        most: the largest that is allowed: a larger one takes memory or time without end.
        least: the smallest that is allowed.

    Raises:
        ZcBenchError: if it is out of range.

    Examples:
        >>> expect_whole("seeds", 5, most=1000)
    """
    expect(value >= least, name, value, f"a whole number from {least} up")
    expect(value <= most, name, value, f"a whole number, {most:,} at most")


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
    # Comparing takes the square of the length.
    close = get_close_matches(name[:_SHOWN].lower(), names, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(names) or 'none'}."
    return ZcBenchError(f"Unknown {kind} {shown(name)}: {hint}")
