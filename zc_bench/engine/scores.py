"""What comes of a proxy for one trial: a number, or a status with a reason."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What became of a score."""

    DONE = "done"
    INVALID = "invalid"  # the definition has no finite value for this network
    UNDEFINED = "undefined"  # the proxy does not exist for this task or without this input
    FAILED = "failed"  # an unexpected error
    OUT_OF_MEMORY = "out_of_memory"


@dataclass(frozen=True, slots=True)
class Score:
    """A proxy's number for one trial, or why there is none.

    Attributes:
        value: the number; NaN unless the status is done.
        status: what became of it.
        reason: one sentence where the status is not done; else empty, or how it was computed to fit
            in memory.
        seconds: time spent reducing, without the passes.
    """

    value: float
    status: Status
    reason: str
    seconds: float

    def __float__(self) -> float:
        return self.value


class InvalidScoreError(Exception):
    """Raised by a pass or proxy whose definition has no finite value for this network.

    The message is the reason.
    """


class UndefinedScoreError(Exception):
    """Raised by a pass or proxy that does not exist for this trial; the message is the reason."""
