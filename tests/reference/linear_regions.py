"""Standard activation patterns as a Python set."""

from networks import Case
from reference.patterns import patterns


def linear_regions(case: Case) -> float | None:
    """Count the distinct patterns of the whole network, one pattern per image."""
    units = patterns(case)
    return float(len(set(zip(*units, strict=True)))) if units else None
