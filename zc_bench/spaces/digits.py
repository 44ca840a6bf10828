"""Keys that are tuples of digits."""

import ast


def read_digits(text: str) -> tuple[int, ...]:
    """Read a tuple of whole numbers, such as `(4, 0, 3)`.

    Args:
        text: what a user wrote. Never evaluated: literals are all that is read.

    Returns:
        The numbers, or none where the text is anything else.
    """
    try:
        digits = ast.literal_eval(text.strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ()
    # Not isinstance: to Python, True is a whole number.
    whole = isinstance(digits, tuple) and all(type(digit) is int for digit in digits)
    return digits if whole else ()
