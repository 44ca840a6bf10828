"""Cells that are searched in a shallow network, and stacked in the one that is trained afterwards."""

from zc_bench.spaces import Architecture, space_registry

# The space whose networks are trained, and the space of shallow networks that stands for it in a search.
_SEARCHED = {"darts": "darts_search"}
_STACKED = {searched: trained for trained, searched in _SEARCHED.items()}


def searched_space(space: str) -> str:
    """Name the space that a search for networks of a space goes through; most are searched themselves."""
    return _SEARCHED.get(space, space)


def stack(architecture: Architecture) -> Architecture:
    """Return the architecture that is trained after a search: the stacked cell, or what was found as it is."""
    trained = _STACKED.get(architecture.space)
    if trained is None:
        return architecture
    return space_registry[trained].parse(space_registry[architecture.space].native(architecture))
