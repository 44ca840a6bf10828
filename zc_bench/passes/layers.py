"""The layers whose weights zero-cost proxies read: Conv2d and Linear."""

from torch import Tensor, nn
from torch.nn.modules.conv import _ConvTransposeNd

WeightedLayer = nn.Conv2d | nn.Linear


def weighted_layers(network: nn.Module) -> list[WeightedLayer]:
    """List the Conv2d and Linear layers in the order of `network.modules()`."""
    return [module for module in network.modules() if isinstance(module, WeightedLayer)]


def layer_weights(network: nn.Module) -> tuple[Tensor, ...]:
    """Return the weights of Conv2d and Linear layers, as NAS-Bench-Suite-Zero does; no biases."""
    # A weight that several layers share appears once.
    weights = {id(module.weight): module.weight for module in weighted_layers(network)}
    return tuple(weights.values())


def loose_parameters(network: nn.Module) -> list[nn.Parameter]:
    """List the parameters of two dimensions or more that are no weights of Conv2d and Linear layers.

    Those of transposed convolutions are left out: they do not count, in modules as in functions.
    """
    kinds = (nn.Conv2d, nn.Linear, _ConvTransposeNd)
    owned = {id(module.weight) for module in network.modules() if isinstance(module, kinds)}
    return [item for item in network.parameters() if item.dim() > 1 and id(item) not in owned]
