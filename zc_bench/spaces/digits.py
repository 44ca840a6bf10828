"""Reading Python literals: keys that are tuples of digits, and more."""

import ast


def read_literal(text: str | ast.expr) -> object:
    """Read numbers, strings, tuples, lists and dictionaries.

    Args:
        text: text of a user, or a parsed part of it. It is never evaluated.

    Returns:
        The value, or None where it is anything else.
    """
    try:
        value: object = ast.literal_eval(text.strip() if isinstance(text, str) else text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return value


def read_digits(text: str) -> tuple[int, ...]:
    """Read a tuple of whole numbers, such as `(4, 0, 3)`; None for any other text."""
    digits = read_literal(text)
    # `isinstance` is not used, because True is an int.
    whole = isinstance(digits, tuple) and all(type(digit) is int for digit in digits)
    return digits if whole else ()  # type: ignore[return-value]
