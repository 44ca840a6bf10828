"""Sample-wise activation patterns as a Python set."""

from networks import Case
from reference.patterns import patterns


def swap(case: Case) -> float | None:
    """Count the members of the set of patterns."""
    units = patterns(case)
    return float(len(set(units))) if units else None
