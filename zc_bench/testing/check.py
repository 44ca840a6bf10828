"""What a check is: a promise with a name, kept or not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal
from unittest import SkipTest


class BrokenContractError(AssertionError):
    """A promise that is not kept; the message says what was seen."""


@dataclass(frozen=True)
class Check:
    """One promise of one thing.

    It is called without arguments: as the body of a test, or to see for oneself.

    Attributes:
        subject: what is checked ("proxy snip").
        promise: what it must do ("is the same twice").
        function: tries it; returns a remark, or nothing.
    """

    subject: str
    promise: str
    function: Callable[[], str | None]

    def __call__(self) -> str:
        """Try it.

        Returns:
            A remark; often empty.

        Raises:
            BrokenContractError: if the promise is not kept.
            SkipTest: if it cannot be told here; test runners know this exception.
        """
        return self.function() or ""

    def __str__(self) -> str:
        return f"{self.subject} {self.promise}"


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes:
        check: the check.
        outcome: whether the promise is kept.
        remark: why not, or what else is worth knowing.
    """

    check: Check
    outcome: Literal["passed", "failed", "skipped"]
    remark: str


def judge(check: Check) -> Verdict:
    """Run a check; whatever happens is a verdict."""
    try:
        return Verdict(check, "passed", check())
    except SkipTest as reason:
        return Verdict(check, "skipped", str(reason))
    except BrokenContractError as error:
        return Verdict(check, "failed", str(error))
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything; it fails its check, not the others
        return Verdict(check, "failed", f"{type(error).__name__}: {error}")


def run_all(checks: Iterable[Check]) -> None:
    """Run checks one after the other, leaving out what cannot be told here.

    Raises:
        BrokenContractError: at the first promise that is not kept.
    """
    for check in checks:
        verdict = judge(check)
        if verdict.outcome == "failed":
            message = f"{check}: no. {verdict.remark}"
            raise BrokenContractError(message)


def bind(
    subject: str, functions: Iterable[Callable[..., str | None]], *arguments: object
) -> tuple[Check, ...]:
    """Make checks of functions; their names are the promises."""
    return tuple(
        Check(
            subject,
            function.__name__.replace("_", " "),
            partial(function, *arguments),
        )
        for function in functions
    )


def expect(kept: object, message: str) -> None:
    """Hold somebody to a promise.

    Raises:
        BrokenContractError: with the message, if it is not kept.
    """
    if not kept:
        raise BrokenContractError(message)
