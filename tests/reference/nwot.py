"""Similarity of activation patterns from a dense matrix of zeros and ones."""

import math
from fractions import Fraction

from networks import Case
from reference.patterns import patterns


def nwot(case: Case) -> float | None:
    """Count agreements of every pair of images unit by unit.

    The determinant is exact, in whole numbers.
    """
    units = patterns(case)
    if not units:
        return None
    images = list(zip(*units, strict=True))
    kernel = [[sum(1 for x, y in zip(a, b, strict=True) if x == y) for b in images] for a in images]
    value = abs(determinant(kernel))
    return math.log(value) if value else None


def determinant(matrix: list[list[int]]) -> int:
    """Eliminate with fractions, without rounding."""
    rows = [[Fraction(value) for value in row] for row in matrix]
    result = Fraction(1)
    for column in range(len(rows)):
        pivot = next((row for row in range(column, len(rows)) if rows[row][column]), None)
        if pivot is None:
            return 0
        if pivot != column:
            rows[column], rows[pivot] = rows[pivot], rows[column]
            result = -result
        result *= rows[column][column]
        for row in range(column + 1, len(rows)):
            factor = rows[row][column] / rows[column][column]
            rows[row] = [x - factor * y for x, y in zip(rows[row], rows[column], strict=True)]
    return int(result)
