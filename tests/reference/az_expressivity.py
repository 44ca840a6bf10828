"""Expressivity of AZ-NAS."""

from networks import Case
from reference.az_features import entropies


def az_expressivity(case: Case) -> float | None:
    """Add up the entropies of the features."""
    found = entropies(case)
    return None if found is None else sum(found)
