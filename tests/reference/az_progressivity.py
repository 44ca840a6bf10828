"""Progressivity of AZ-NAS."""

from itertools import pairwise

from networks import Case
from reference.az_features import entropies


def az_progressivity(case: Case) -> float | None:
    """Find the smallest gain in entropy."""
    found = entropies(case)
    return None if found is None else min(after - before for before, after in pairwise(found))
