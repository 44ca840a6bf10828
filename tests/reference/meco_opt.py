"""MeCo on eight channels."""

from networks import Case
from reference.meco import outputs, smallest
from zc_bench.seeding import numpy_generator


def meco_opt(case: Case) -> float | None:
    """Add up the smallest eigenvalues of the correlations of eight channels, times channels over eight."""
    found = outputs(case)
    if found is None:
        return None
    generator = numpy_generator(case.seed, "channels")
    total = 0.0
    for _, rows in found:
        chosen = list(generator.permutation(len(rows)))[:8]
        total += smallest(rows[chosen]) * len(rows) / len(chosen)
    return total
