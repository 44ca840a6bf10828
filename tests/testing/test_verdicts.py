"""Checks: what a verdict says, and how observations are compared."""

import math

import pytest
import torch
from promises import Number

from zc_bench import proxy, testing
from zc_bench.errors import ZcBenchError
from zc_bench.passes.loss_gradients import LossGradients
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.testing import Check, check_pass, check_proxy, check_space, judge
from zc_bench.testing.observations import first_difference


class TestCheck:
    def test_whatever_is_raised_is_a_verdict(self):
        def fail():
            message = "oh"
            raise LookupError(message)

        verdict = judge(Check("proxy mine", "is good", fail))
        assert (verdict.outcome, verdict.remark) == ("failed", "LookupError: oh")

    def test_a_remark_is_kept(self):
        assert judge(Check("proxy mine", "is good", lambda: "very")).remark == "very"

    @pytest.mark.usefixtures("registries")
    def test_all_at_once_stop_at_the_first_that_fails(self):
        @proxy("broken", source="nobody")
        def forgetful(trial: TrialInputs) -> float:
            """Forget that there may be no second batch."""
            return float(trial.second.images.mean())

        with pytest.raises(
            testing.BrokenContractError,
            match=r"^proxy broken is finite or says why: no\. For a trial",
        ):
            check_proxy("broken")

    def test_all_at_once_pass(self):
        check_proxy("params")
        check_pass("network_size")

    @pytest.mark.parametrize("check", [check_proxy, check_pass, check_space])
    def test_an_unknown_name_is_refused(self, check):
        with pytest.raises(ZcBenchError, match="Unknown"):
            check("nonsense")

    def test_observations_are_compared_by_place(self):
        one, other = Number(1.0), Number(2.0)
        assert first_difference(one, one) == ""
        assert first_difference(one, other) == "Number.value"
        assert first_difference(one, other, tolerance=2) == ""
        nan = LossGradients((torch.tensor([math.nan]),), ())
        assert first_difference(nan, nan) == ""
        assert (
            first_difference(nan, LossGradients((torch.tensor([0.0]),), ()))
            == "LossGradients.weights[0]"
        )
