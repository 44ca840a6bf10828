"""The scores that fail with a pass or a proxy."""

import math

import pytest
import torch
from made_up import A, B, C, Start, give, reduce_by, statuses

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.execute import execute
from zc_bench.engine.plan import plan
from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError

pytestmark = pytest.mark.usefixtures("registries")

FAILURES = [
    (InvalidScoreError("one class only"), "invalid", "one class only"),
    (UndefinedScoreError("no labels"), "undefined", "no labels"),
    (MemoryError("too much"), "out_of_memory", "{}: too much"),
    (torch.OutOfMemoryError("too much"), "out_of_memory", "{}: too much"),
    (ZeroDivisionError("by zero"), "failed", "{}: ZeroDivisionError: by zero"),
    (AssertionError(), "failed", "{}: AssertionError: "),
]


class TestFailures:
    @pytest.mark.parametrize(("error", "status", "reason"), FAILURES)
    def test_of_a_proxy_costs_its_own_score_only(self, error, status, reason):
        give(A, Start)
        reduce_by("p", A, error=error)
        reduce_by("q", A)
        result = execute(plan(["p", "q"], [Start]), Start())
        assert statuses(result) == {"p": status, "q": "done"}
        assert result.scores["p"].reason == reason.format("p")
        assert math.isnan(result.scores["p"].value)

    @pytest.mark.parametrize(("error", "status", "reason"), FAILURES)
    def test_of_a_pass_costs_the_scores_of_those_who_rest_on_it(self, error, status, reason):
        give(A, Start, error=error)
        give(B, A)
        give(C, Start)
        reduce_by("directly", A)
        reduce_by("indirectly", B, C)
        reduce_by("elsewhere", C)
        result = execute(plan(["directly", "indirectly", "elsewhere"], [Start]), Start())
        assert statuses(result) == {"directly": status, "indirectly": status, "elsewhere": "done"}
        assert result.scores["directly"].reason == reason.format("a")
        assert result.scores["indirectly"].reason == reason.format("a")

    def test_of_a_pass_that_gives_several_costs_all_of_them(self):
        @shared_pass
        def both(start: Start) -> tuple[A, B]:
            raise ZeroDivisionError

        reduce_by("p", A)
        reduce_by("q", B)
        assert statuses(execute(plan(["p", "q"], [Start]), Start())) == {
            "p": "failed",
            "q": "failed",
        }

    @pytest.mark.parametrize("result", [None, "high", torch.ones(2), 1j])
    def test_a_proxy_that_returns_no_number_has_failed(self, result):
        reduce_by("p", Start, result=result)
        reduce_by("q", Start)
        result = execute(plan(["p", "q"], [Start]), Start())
        assert statuses(result) == {"p": "failed", "q": "done"}
        assert result.scores["p"].reason.startswith("p: ")

    @pytest.mark.parametrize(
        ("result", "given"),
        [
            ((A(),), "A"),
            ((A(), B(), C()), "A, B, C"),
            ((B(), A()), "B, A"),
            (A(), "A"),
            (None, "NoneType"),
            ((), "nothing"),
        ],
    )
    def test_a_pass_that_gives_other_than_it_says_has_failed(self, result, given):
        @shared_pass
        def both(start: Start) -> tuple[A, B]:
            return result

        reduce_by("p", A)
        reduce_by("q", Start)
        result = execute(plan(["p", "q"], [Start]), Start())
        assert statuses(result) == {"p": "failed", "q": "done"}
        assert (
            result.scores["p"].reason
            == f"both: TypeError: it returned {given}, its annotation says A, B"
        )

    def test_a_pass_that_forgets_to_return_has_failed(self):
        @shared_pass
        def a(start: Start) -> A:
            A()

        reduce_by("p", A)
        score = execute(plan(["p"], [Start]), Start()).scores["p"]
        assert score.reason == "a: TypeError: it returned NoneType, its annotation says A"

    @pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
    def test_ctrl_c_is_no_failure(self, error):
        reduce_by("p", Start, error=error())
        with pytest.raises(error):
            execute(plan(["p"], [Start]), Start())
