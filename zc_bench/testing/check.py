"""A check: a named property of a thing, which holds or not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal
from unittest import SkipTest


class BrokenContractError(AssertionError):
    """A property that does not hold; the message states the observation."""


@dataclass(frozen=True)
class Check:
    """One property of one thing.

    It is called without arguments, for instance as the body of a test.

    Attributes:
        subject: the thing ("proxy snip").
        promise: the property ("is the same twice").
        function: the test of the property; returns a remark, or None.
    """

    subject: str
    promise: str
    function: Callable[[], str | None]

    def __call__(self) -> str:
        """Run the check.

        Returns:
            A remark; often empty.

        Raises:
            BrokenContractError: if the property does not hold.
            SkipTest: if it cannot be tested here. Test runners report this exception as skipped.
        """
        return self.function() or ""

    def __str__(self) -> str:
        return f"{self.subject} {self.promise}"


@dataclass(frozen=True)
class Verdict:
    """The result of a check.

    Attributes:
        check: the check.
        outcome: whether the property holds.
        remark: the reason, or another remark.
    """

    check: Check
    outcome: Literal["passed", "failed", "skipped"]
    remark: str


def judge(check: Check) -> Verdict:
    """Run a check; every error becomes a verdict."""
    try:
        return Verdict(check, "passed", check())
    except SkipTest as reason:
        return Verdict(check, "skipped", str(reason))
    except BrokenContractError as error:
        return Verdict(check, "failed", str(error))
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; only its own check fails
        return Verdict(check, "failed", f"{type(error).__name__}: {error}")


def run_all(checks: Iterable[Check]) -> None:
    """Run checks one after another; skip those that cannot be tested here.

    Raises:
        BrokenContractError: at the first property that does not hold.
    """
    for check in checks:
        verdict = judge(check)
        if verdict.outcome == "failed":
            message = f"{check}: no. {verdict.remark}"
            raise BrokenContractError(message)


def bind(
    subject: str, functions: Iterable[Callable[..., str | None]], *arguments: object
) -> tuple[Check, ...]:
    """Make checks from functions; their names are the properties."""
    return tuple(
        Check(
            subject,
            function.__name__.replace("_", " "),
            partial(function, *arguments),
        )
        for function in functions
    )


def expect(kept: object, message: str) -> None:
    """Require a property.

    Raises:
        BrokenContractError: with the message, if it does not hold.
    """
    if not kept:
        raise BrokenContractError(message)
