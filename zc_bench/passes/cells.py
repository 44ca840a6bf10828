"""The cells of a network: the blocks that it consists of between its stem and its head."""

from torch import nn


def cells_of(network: nn.Module) -> list[nn.Module]:
    """List the cells of a network, in the order of `network.modules()`.

    A cell is a module whose class says `is_cell = True`, as those of the search spaces do; what is
    inside it is none. A network without such modules is taken apart into its children that have a
    Conv2d. The first of them is the stem, the others are the cells. Where a single child has all
    Conv2d, it is taken apart in its place.

    Args:
        network: any module.

    Returns:
        The cells; empty where there is no Conv2d.

    Examples:
        >>> layers = nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.Conv2d(4, 4, 1)
        >>> len(cells_of(nn.Sequential(nn.Sequential(*layers), nn.Flatten(), nn.Linear(4, 2))))
        2
    """
    return _marked(network) or _parts(network)


def _marked(module: nn.Module) -> list[nn.Module]:
    if getattr(module, "is_cell", False) is True:
        return [module]
    found = {id(cell): cell for child in module.children() for cell in _marked(child)}
    return list(found.values())


def _parts(network: nn.Module) -> list[nn.Module]:
    """List the children with a Conv2d, without the first, which is the stem."""
    parts = [child for child in network.children() if _has_convolution(child)]
    if len(parts) == 1 and list(parts[0].children()):
        return _parts(parts[0])
    return parts[1:] or parts


def _has_convolution(module: nn.Module) -> bool:
    return any(isinstance(part, nn.Conv2d) for part in module.modules())
