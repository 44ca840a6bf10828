"""How much flows through every weight of the linearised network."""

from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from zc_bench.observe import InvalidScoreError, shared_pass
from zc_bench.passes.layers import layer_weights
from zc_bench.passes.trial import Trial
from zc_bench.seeding import torch_seeded


@dataclass(frozen=True)
class SynapticFlow:
    """The linearised network and its derivative.

    Attributes:
        weights: float64, the absolute value of every Conv2d/Linear weight.
        flow_grads: float64, dR/dw of the sum R of the outputs, same shapes.
    """

    weights: tuple[Tensor, ...]
    flow_grads: tuple[Tensor, ...]


@shared_pass
def synaptic_flow(trial: Trial) -> SynapticFlow:
    """Differentiate the sum of the outputs for one image of ones, on a linearised copy of the network.

    The copy is in float64, all its parameters and buffers are replaced by their absolute values, and batch
    normalisation is left out. Float64 because R grows with the product of the layers' weights, beyond 1e38.

    Raises:
        InvalidScoreError: if the network has no weights.
    """
    network = _without_batch_norm(deepcopy(trial.network)).double()
    with torch.no_grad():
        for tensor in (*network.parameters(), *network.buffers()):
            tensor.abs_()
    weights = layer_weights(network)
    if not weights:
        message = "the network has no Conv2d or Linear layer"
        raise InvalidScoreError(message)
    with torch.enable_grad(), torch_seeded(trial.seed, "forward", device=trial.images.device):
        flow = network(torch.ones_like(trial.images[:1], dtype=torch.float64)).sum()
        grads = torch.autograd.grad(flow, weights, materialize_grads=True)
    return SynapticFlow(tuple(weight.detach() for weight in weights), grads)


def _without_batch_norm(network: nn.Module) -> nn.Module:
    """Replace batch normalisation by the identity, in place."""
    for parent in list(network.modules()):
        for name, child in list(parent._modules.items()):  # one that stands in two places, twice
            if isinstance(child, _BatchNorm):
                setattr(parent, name, nn.Identity())
    return network
