"""Passes that break one promise each."""

import time
from dataclasses import dataclass

import pytest
import torch
from promises import CALLS, Number, broken, prepare

from zc_bench import shared_pass, testing
from zc_bench.engine.declare import Requested
from zc_bench.passes.running import run
from zc_bench.passes.trial_inputs import TrialInputs


@dataclass(frozen=True)
class Bare:
    value: float


@dataclass
class Soft:
    """It can be written to."""

    value: float


class BrokenPasses:
    """Each breaks the promise that it is named after."""

    @staticmethod
    def has_docstrings(trial: TrialInputs) -> Bare:
        """Count images."""
        return Bare(len(trial.images))

    @staticmethod
    def gives_frozen_dataclasses(trial: TrialInputs) -> Soft:
        """Count images."""
        return Soft(len(trial.images))

    @staticmethod
    def gives_what_it_declares_or_says_why(trial: TrialInputs) -> Number:
        """Forget that there may be no labels."""
        return Number(len(trial.labels))

    @staticmethod
    def gives_the_same_twice(trial: TrialInputs) -> Number:
        """Count calls."""
        return Number(len(trial.images) + next(CALLS))

    @staticmethod
    def gives_the_same_whatever_else_is_requested(
        trial: TrialInputs, requested: Requested
    ) -> Number:
        """Count what is requested."""
        return Number(len(trial.images) + len(requested))

    @staticmethod
    def reads_only_what_it_declares(trial: TrialInputs) -> Number:
        """Read the images, and say that only weights count."""
        return Number(float(trial.images.sum()))

    @staticmethod
    def leaves_no_trace(trial: TrialInputs) -> Number:
        """Draw from torch's generator."""
        torch.rand(1)
        return Number(len(trial.images))

    @staticmethod
    def leaves_no_trace_after_an_error(trial: TrialInputs) -> Number:
        """Put the network in evaluation mode, and back unless it fails."""
        trial.network.eval()
        run(trial, trial.images)
        trial.network.train()
        return Number(1)

    @staticmethod
    def agrees_on_a_gpu(trial: TrialInputs) -> Number:
        """Observe the device."""
        return Number(float(trial.images.is_cuda))

    @staticmethod
    def costs_little(trial: TrialInputs) -> Number:
        """Take a nap."""
        time.sleep(0.2)
        return Number(len(trial.images))


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize(
    "check",
    [
        pytest.param(check.promise, marks=[pytest.mark.gpu] * ("gpu" in check.promise))
        for check in testing.pass_checks("weights")
    ],
)
def test_a_broken_pass_is_caught_by_the_check_of_what_it_breaks(monkeypatch, check):
    function = getattr(BrokenPasses, check.replace(" ", "_"))
    prepare(monkeypatch, function)
    declared = {Number: ("weights",)} if check == "reads only what it declares" else {}
    shared_pass(reads=declared)(function)
    assert broken(testing.pass_checks(function.__name__)) == [check]
