"""Which layers count: the Conv2d and Linear layers whose weights zero-cost proxies read."""

from torch import Tensor, nn

from zc_bench.engine.scores import InvalidScoreError

WeightedLayer = nn.Conv2d | nn.Linear


def weighted_layers(network: nn.Module) -> list[WeightedLayer]:
    """List the Conv2d and Linear layers in the order of `network.modules()`."""
    return [module for module in network.modules() if isinstance(module, WeightedLayer)]


def layer_weights(network: nn.Module) -> tuple[Tensor, ...]:
    """Return the weights of the Conv2d and Linear layers; no biases, no batch normalisation, as the references do."""
    # By identity: tied weights are one weight.
    weights = {id(module.weight): module.weight for module in weighted_layers(network)}
    return tuple(weights.values())


def leaf_weights(network: nn.Module) -> tuple[Tensor, ...]:
    """Return the weights of `layer_weights`, to be differentiated.

    Raises:
        InvalidScoreError: if there are none, or one is computed from other parameters, so that no loss has a derivative
            with respect to the weight that is read here.
    """
    weights = layer_weights(network)
    if not weights:
        message = "the network has no Conv2d or Linear layer"
        raise InvalidScoreError(message)
    if not all(isinstance(weight, nn.Parameter) for weight in weights):
        message = "a Conv2d or Linear weight is computed from others, as weight normalisation does: remove that first"
        raise InvalidScoreError(message)
    return weights
