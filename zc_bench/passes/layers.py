"""The layers whose weights zero-cost proxies read: Conv2d and Linear."""

from torch import Tensor, nn

from zc_bench.engine.scores import InvalidScoreError

WeightedLayer = nn.Conv2d | nn.Linear


def weighted_layers(network: nn.Module) -> list[WeightedLayer]:
    """List the Conv2d and Linear layers in the order of `network.modules()`."""
    return [module for module in network.modules() if isinstance(module, WeightedLayer)]


def layer_weights(network: nn.Module) -> tuple[Tensor, ...]:
    """Return the weights of Conv2d and Linear layers, as NAS-Bench-Suite-Zero does; no biases."""
    # A weight that several layers share appears once.
    weights = {id(module.weight): module.weight for module in weighted_layers(network)}
    return tuple(weights.values())


def leaf_weights(network: nn.Module) -> tuple[Tensor, ...]:
    """Return the weights of `layer_weights`, for differentiation.

    Raises:
        InvalidScoreError: if there are none, or if one is computed from other parameters: a loss
            has no derivative with respect to it.
    """
    weights = layer_weights(network)
    if not weights:
        message = "the network has no Conv2d or Linear layer"
        raise InvalidScoreError(message)
    if not all(isinstance(weight, nn.Parameter) for weight in weights):
        message = "a Conv2d or Linear weight is computed from others, as weight normalisation does: remove that first"
        raise InvalidScoreError(message)
    return weights
