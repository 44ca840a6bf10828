"""Plans: the steps that run, and their order."""

import math
from itertools import permutations

import pytest
from made_up import A, B, C, Start, give, proxy, reduce_by, statuses

from zc_bench.engine import declare as module
from zc_bench.engine.declare import Requested, shared_pass
from zc_bench.engine.execute import execute
from zc_bench.engine.plan import plan
from zc_bench.errors import ZcBenchError

pytestmark = pytest.mark.usefixtures("registries")


class TestPlan:
    def test_runs_nothing_that_nobody_needs(self):
        give(A, Start)
        give(B, Start)
        reduce_by("p", A)
        planned = plan(["p"], [Start])
        assert [step.name for step in planned.steps] == ["a", "p"]
        assert planned.requested == {Start, A}

    def test_runs_a_shared_pass_once(self):
        log = []
        give(A, Start, log=log)
        give(B, A, log=log)
        for name in ("p", "q", "r"):
            reduce_by(name, A, B)
        execute(plan(["p", "q", "r"], [Start]), Start())
        assert log == ["a", "b"]

    def test_runs_a_pass_that_gives_several_once(self):
        log = []

        @shared_pass
        def both(start: Start) -> tuple[A, B]:
            log.append("both")
            return A(5), B(6)

        @proxy("p")
        def p(a: A) -> float:
            """Read A."""
            return a.value

        @proxy("q")
        def q(b: B) -> float:
            """Read B."""
            return b.value

        result = execute(plan(["p", "q"], [Start]), Start())
        assert log == ["both"]
        assert {name: score.value for name, score in result.scores.items()} == {"p": 5, "q": 6}

    @pytest.mark.parametrize("asked", list(permutations(["on_a", "on_b", "on_c"])))
    def test_goes_depth_first_and_reduces_as_early_as_it_can(self, asked):
        log = []
        give(A, Start, log=log)
        give(B, A, log=log)
        give(C, Start, log=log)
        reduce_by("on_a", A, log=log)
        reduce_by("on_b", B, log=log)
        reduce_by("on_c", C, log=log)
        execute(plan(asked, [Start]), Start())
        # No observation is kept while another branch runs.
        assert log in (
            ["a", "on_a", "b", "on_b", "c", "on_c"],
            ["c", "on_c", "a", "on_a", "b", "on_b"],
        )

    def test_takes_a_name_twice_for_once(self):
        log = []
        reduce_by("p", Start, log=log)
        execute(plan(["p", "p"], [Start]), Start())
        assert log == ["p"]

    def test_helps_with_a_misspelt_name(self):
        reduce_by("swap", Start)
        with pytest.raises(ZcBenchError, match="Unknown proxy 'swop': did you mean 'swap'"):
            plan(["swop"], [Start])

    def test_names_the_passes_that_need_each_other(self):
        give(A, B)
        give(B, A)
        reduce_by("p", A)
        with pytest.raises(
            ZcBenchError,
            match=r"Passes need each other in a circle: pass [ab] -> pass [ab] -> pass",
        ):
            plan(["p"], [Start])

    def test_a_circle_elsewhere_is_no_obstacle(self):
        give(A, B)
        give(B, A)
        reduce_by("p", Start)
        assert [step.name for step in plan(["p"], [Start]).steps] == ["p"]

    def test_tells_which_passes_a_proxy_rests_on(self):
        give(A, Start)
        give(B, A)
        give(C, Start)
        reduce_by("p", B)
        reduce_by("q", C)
        planned = plan(["p", "q"], [Start])
        assert [step.name for step in planned.rests_on(module.proxy_registry["p"])] == ["a", "b"]
        assert [step.name for step in planned.rests_on(module.proxy_registry["q"])] == ["c"]

    def test_a_pass_is_told_what_is_wanted(self):
        seen = []

        @shared_pass
        def both(start: Start, requested: Requested) -> tuple[A | None, B | None]:
            seen.append(requested)
            return A() if A in requested else None, B() if B in requested else None

        reduce_by("on_a", A)
        reduce_by("on_b", B)
        assert statuses(execute(plan(["on_a"], [Start]), Start())) == {"on_a": "done"}
        assert (A in seen[0], B in seen[0]) == (True, False)
        assert statuses(execute(plan(["on_a", "on_b"], [Start]), Start())) == {
            "on_a": "done",
            "on_b": "done",
        }
        assert (A in seen[1], B in seen[1]) == (True, True)

    def test_a_proxy_whose_need_is_unmet_is_undefined_with_the_reason(self):
        give(B, A)
        reduce_by("p", B)
        reduce_by("q", Start)
        result = execute(plan(["p", "q"], [Start]), Start())
        assert statuses(result) == {"p": "undefined", "q": "done"}
        assert result.scores["p"].reason == "p needs A, which was not given."
        assert math.isnan(result.scores["p"].value)
        assert result.pass_seconds == {}
