"""What a user wrote as Python literals: keys that are tuples of digits, and more."""

import ast


def read_literal(text: str | ast.expr) -> object:
    """Read numbers, strings, tuples, lists and dictionaries.

    Args:
        text: what a user wrote, or a part of it, parsed. Never evaluated: literals are all that is read.

    Returns:
        The value, or None where it is anything else.
    """
    try:
        value: object = ast.literal_eval(text.strip() if isinstance(text, str) else text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return value


def read_digits(text: str) -> tuple[int, ...]:
    """Read a tuple of whole numbers, such as `(4, 0, 3)`; none where the text is anything else."""
    digits = read_literal(text)
    # Not isinstance: to Python, True is a whole number.
    whole = isinstance(digits, tuple) and all(type(digit) is int for digit in digits)
    return digits if whole else ()  # type: ignore[return-value]
