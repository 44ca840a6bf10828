"""The score of a proxy for one trial: a number, or a status with a reason."""

from dataclasses import dataclass
from enum import StrEnum
from typing import SupportsFloat


class Status(StrEnum):
    """What became of a score."""

    DONE = "done"
    INVALID = "invalid"  # the definition has no finite value for this network
    UNDEFINED = "undefined"  # the proxy does not exist for this task or without this input
    FAILED = "failed"  # an unexpected error
    OUT_OF_MEMORY = "out_of_memory"


class _Number:
    """Arithmetic and order of a class that `float` takes."""

    __slots__ = ()

    def __float__(self) -> float:
        raise TypeError

    def __add__(self, other: SupportsFloat) -> float:
        return float(self) + float(other)

    def __sub__(self, other: SupportsFloat) -> float:
        return float(self) - float(other)

    def __mul__(self, other: SupportsFloat) -> float:
        return float(self) * float(other)

    def __truediv__(self, other: SupportsFloat) -> float:
        return float(self) / float(other)

    def __radd__(self, other: float) -> float:
        return other + float(self)

    def __rsub__(self, other: float) -> float:
        return other - float(self)

    def __rmul__(self, other: float) -> float:
        return other * float(self)

    def __rtruediv__(self, other: float) -> float:
        return other / float(self)

    def __neg__(self) -> float:
        return -float(self)

    def __abs__(self) -> float:
        return abs(float(self))

    def __lt__(self, other: SupportsFloat) -> bool:
        return float(self) < float(other)

    def __le__(self, other: SupportsFloat) -> bool:
        return float(self) <= float(other)

    def __gt__(self, other: SupportsFloat) -> bool:
        return float(self) > float(other)

    def __ge__(self, other: SupportsFloat) -> bool:
        return float(self) >= float(other)


@dataclass(frozen=True, slots=True)
class Score(_Number):
    """A proxy's number for one trial, or the reason why there is none.

    It behaves as a float in arithmetic, comparisons and `math`; a score that is not done is NaN there.
    Two scores are equal if all their fields are.

    Attributes:
        value: the number; NaN unless the status is done.
        status: what became of it.
        reason: one sentence where the status is not done; else empty, or how it was computed to fit in
            memory.
        seconds: time spent reducing, without the passes.

    Examples:
        >>> score = Score(2.5, Status.DONE, "", 0.0)
        >>> score + 1, 2 * score, score > 2, max(score, 1.0) is score
        (3.5, 5.0, True, True)
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
