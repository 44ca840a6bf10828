"""The initial weights of the Conv2d and Linear layers."""

from dataclasses import dataclass

from torch import Tensor

from zc_bench.engine.declare import shared_pass
from zc_bench.passes.layers import layer_weights
from zc_bench.passes.trial_inputs import TrialInputs


@dataclass(frozen=True)
class Weights:
    """The weights of the Conv2d and Linear layers.

    Attributes:
        weights: one tensor per layer, without biases. A weight that several layers share appears
            once.
    """

    weights: tuple[Tensor, ...]


@shared_pass(reads={Weights: ("weights",)})
def weights(trial: TrialInputs) -> Weights:
    """Read the weights."""
    return Weights(tuple(weight.detach() for weight in layer_weights(trial.network)))
