"""The size of a network: its parameters, and the layers that hold them."""

from dataclasses import dataclass

from zc_bench.engine.declare import shared_pass
from zc_bench.passes.layers import weighted_layers
from zc_bench.passes.trial_inputs import TrialInputs


@dataclass(frozen=True)
class NetworkSize:
    """The size of a network.

    Attributes:
        parameters: P, the number of all parameters, trained or not. A shared parameter counts once.
    """

    parameters: int


@dataclass(frozen=True)
class LayerSizes:
    """What holds the parameters.

    Attributes:
        tensors: the number of parameter tensors. A shared one counts once.
        widths: of every Conv2d and Linear module, in the order of `network.modules()`, the channels
            that it gives.
    """

    tensors: int
    widths: tuple[int, ...]


@shared_pass(reads={NetworkSize: (), LayerSizes: ()})
def network_size(trial: TrialInputs) -> tuple[NetworkSize, LayerSizes]:
    """Count parameters, their tensors, and the channels of the layers."""
    parameters = list(trial.network.parameters())
    widths = tuple(len(layer.weight) for layer in weighted_layers(trial.network))
    return NetworkSize(sum(item.numel() for item in parameters)), LayerSizes(
        len(parameters), widths
    )
