"""Durations as text: 90s, 10m, 1h30m."""

import math
import re

from zc_bench.errors import ZcBenchError

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_PART = re.compile(r"(\d+(?:\.\d+)?)([dhms])")


def parse_duration(text: str) -> float:
    """Read a duration.

    Args:
        text: numbers with the units d, h, m, s, such as "1h30m"; or "none".

    Returns:
        Seconds; infinity for "none".

    Raises:
        ZcBenchError: if the text is neither.

    Examples:
        >>> parse_duration("1h30m")
        5400.0
    """
    if text == "none":
        return math.inf
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        message = f"{text!r} is no duration: write it like 90s, 10m or 1h30m, or none."
        raise ZcBenchError(message)
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def format_duration(seconds: float) -> str:
    """Write a duration with its two largest units.

    Examples:
        >>> format_duration(5400)
        '1 h 30 min'
    """
    if math.isinf(seconds):
        return "no limit"
    for unit, size, part, smaller in (
        ("d", 86400, "h", 3600),
        ("h", 3600, "min", 60),
        ("min", 60, "s", 1),
    ):
        # Rounding comes first, so that 59.9 minutes become 1 h, not 60 min.
        whole, per = round(seconds / smaller), size // smaller
        if whole >= per:
            return (
                f"{whole // per} {unit} {whole % per} {part}"
                if whole % per
                else f"{whole // per} {unit}"
            )
    return f"{seconds:.0f} s"
