"""How many parameters a network has."""

from dataclasses import dataclass

from zc_bench.engine.declare import shared_pass
from zc_bench.passes.trial_inputs import TrialInputs


@dataclass(frozen=True)
class NetworkSize:
    """The size of a network.

    Attributes:
        parameters: P, all parameters, trained or not; each counted once.
    """

    parameters: int


@shared_pass(reads={NetworkSize: ()})
def network_size(trial: TrialInputs) -> NetworkSize:
    """Count parameters."""
    return NetworkSize(sum(parameter.numel() for parameter in trial.network.parameters()))
