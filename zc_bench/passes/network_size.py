"""The number of parameters of a network."""

from dataclasses import dataclass

from zc_bench.engine.declare import shared_pass
from zc_bench.passes.trial_inputs import TrialInputs


@dataclass(frozen=True)
class NetworkSize:
    """The size of a network.

    Attributes:
        parameters: P, the number of all parameters, trained or not. A shared parameter counts once.
    """

    parameters: int


@shared_pass(reads={NetworkSize: ()})
def network_size(trial: TrialInputs) -> NetworkSize:
    """Count the parameters."""
    return NetworkSize(sum(parameter.numel() for parameter in trial.network.parameters()))
