"""Execution: the arguments and the results of proxies."""

import math

import pytest
import torch
from made_up import A, B, Start, give, proxy, reduce_by

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.execute import execute
from zc_bench.engine.plan import plan
from zc_bench.engine.scores import Score, Status

pytestmark = pytest.mark.usefixtures("registries")


class TestObserve:
    def test_hands_over_observations_by_their_type(self):
        @shared_pass
        def b(a: A) -> B:
            return B(a.value + 1)

        @proxy("p")
        def p(second: B, first: A) -> float:
            """Add."""
            return 10 * second.value + first.value

        (score,) = execute(plan(["p"], [A]), A(4)).scores.values()
        assert (score.value, score.status, score.reason) == (54.0, Status.DONE, "")

    def test_times_passes_and_proxies(self):
        give(A, Start)
        reduce_by("p", A)
        result = execute(plan(["p"], [Start]), Start())
        assert result.pass_seconds["a"] >= 0
        assert result.scores["p"].seconds >= 0

    def test_a_score_is_a_number(self):
        assert float(Score(2.5, Status.DONE, "", 0.0)) == 2.5

    @pytest.mark.parametrize("result", [3, torch.tensor(3.0), True])
    def test_makes_a_float_of_what_is_a_number(self, result):
        reduce_by("p", Start, result=result)
        score = execute(plan(["p"], [Start]), Start()).scores["p"]
        assert type(score.value) is float
        assert score.status is Status.DONE

    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            (math.inf, "the score is inf"),
            (-math.inf, "the score is -inf"),
            (math.nan, "the score is nan"),
        ],
    )
    def test_a_score_that_is_not_finite_is_invalid(self, value, reason):
        reduce_by("p", Start, result=value)
        score = execute(plan(["p"], [Start]), Start()).scores["p"]
        assert (score.status, score.reason) == (Status.INVALID, reason)
        assert math.isnan(score.value)
