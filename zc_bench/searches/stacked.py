"""Cells that are searched in a shallow network, and stacked in a trained one."""

from zc_bench.spaces import Architecture, space_registry

# A space of trained networks, and its space of shallow networks for searches.
_SEARCHED = {"darts": "darts_search"}
_STACKED = {searched: trained for trained, searched in _SEARCHED.items()}


def searched_space(space: str) -> str:
    """Return the name of the space that is searched instead of a space, or its own name."""
    return _SEARCHED.get(space, space)


def stack(architecture: Architecture) -> Architecture:
    """Return the architecture to train after a search: the stacked cell, or the found one."""
    trained = _STACKED.get(architecture.space)
    if trained is None:
        return architecture
    return space_registry[trained].parse(space_registry[architecture.space].native(architecture))
