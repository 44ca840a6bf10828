"""The aggregate of AZ-NAS."""

import math
from collections.abc import Sequence


def az_nas(columns: Sequence[Sequence[float]]) -> list[float]:
    """Add up the logs of relative ranks; each column holds the scores of a proxy, -inf where it is invalid."""
    count = len(columns[0])
    return [
        sum(math.log(_rank(column, place) / count) for column in columns) for place in range(count)
    ]


def _rank(column: Sequence[float], place: int) -> float:
    """Count from one; equal scores share the mean of their ranks."""
    below = sum(other < column[place] for other in column)
    equal = sum(other == column[place] for other in column)
    return below + (equal + 1) / 2
