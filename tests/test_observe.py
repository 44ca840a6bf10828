"""Passes, proxies and plans: what is refused, what runs when, what a failure costs, when observations go."""

import gc
import math
import weakref
from dataclasses import dataclass
from itertools import permutations
from typing import Optional

import pytest
import torch

from zc_bench import observe as module
from zc_bench.errors import ZcBenchError
from zc_bench.observe import InvalidScoreError, Score, Status, UndefinedScoreError, Wanted, observe, plan, shared_pass
from zc_bench.observe import proxy as any_proxy


@pytest.fixture(autouse=True)
def registries():
    """Empty registries; what was registered before comes back afterwards."""
    before = dict(module.proxies._items), dict(module.passes)
    module.proxies._items.clear()
    module.passes.clear()
    yield
    for registry, items in zip((module.proxies._items, module.passes), before, strict=True):
        registry.clear()
        registry.update(items)


@dataclass(frozen=True, eq=False)
class Start:
    """What the caller hands in."""


@dataclass(frozen=True, eq=False)
class A:
    value: float = 1.0


@dataclass(frozen=True, eq=False)
class B:
    value: float = 2.0


@dataclass(frozen=True, eq=False)
class C:
    value: float = 3.0


def proxy(name, **facts):
    return any_proxy(name, **{"source": "nobody", **facts})


def statuses(observed):
    return {name: str(score.status) for name, score in observed.scores.items()}


class TestSharedPass:
    def test_returns_the_function_unchanged(self):
        def a(start: Start) -> A:
            return A()

        assert shared_pass(a) is a

    def test_declares_by_its_annotations(self):
        @shared_pass
        def a(start: Start, b: B) -> A:
            return A()

        entry = module.passes[A]
        assert entry.name == "a"
        assert entry.needs == {"start": Start, "b": B}
        assert entry.gives == (A,)

    def test_may_give_several_and_leave_some_out(self):
        @shared_pass
        def both(start: Start) -> tuple[A | None, Optional[B]]:  # noqa: UP045 - the older spelling means the same
            return A(), B()

        assert module.passes[A] is module.passes[B]
        assert module.passes[A].gives == (A, B)

    def test_refuses_a_missing_annotation(self):
        with pytest.raises(ZcBenchError, match=r"needs a type annotation for: b, return\.$"):

            @shared_pass
            def a(start: Start, b):
                return A()

    def test_refuses_a_second_giver(self):
        @shared_pass
        def first(start: Start) -> A:
            return A()

        with pytest.raises(ZcBenchError, match=r"^The pass 'second' gives A, which 'first' gives already\.$"):

            @shared_pass
            def second(start: Start) -> tuple[B, A]:
                return B(), A()

        assert B not in module.passes

    def test_refuses_a_second_of_that_name(self):
        def make(gift):
            def same(start: Start) -> gift:
                return gift()

            return same

        shared_pass(make(A))
        with pytest.raises(ZcBenchError, match=r"^A pass 'same' is registered already: give the function another name"):
            shared_pass(make(B))

    @pytest.mark.parametrize("gift", [None, A | B, list[int]])
    def test_refuses_what_is_no_observation(self, gift):
        def a(start: Start) -> gift:
            return None

        with pytest.raises(ZcBenchError, match="The pass 'a' must return an observation or a tuple of them, not"):
            shared_pass(a)

    def test_refuses_an_optional_need(self):
        with pytest.raises(ZcBenchError, match=r"The parameter 'b' of .*a must be one observation, not"):

            @shared_pass
            def a(b: B | None) -> A:
                return A()


class TestProxy:
    def test_returns_the_function_unchanged(self):
        def reduce(a: A) -> float:
            """Reduce."""
            return a.value

        assert proxy("reduce")(reduce) is reduce

    def test_records_what_is_declared(self):
        @proxy("p", version=3, higher_is_better=False, uses_labels=True, classification_only=True)
        def reduce(a: A) -> float:
            """Reduce to a number.

            In a way that takes long to explain.
            """
            return a.value

        entry = module.proxies["p"]
        assert entry.needs == {"a": A}
        assert entry.summary == "Reduce to a number."
        assert (entry.source, entry.version) == ("nobody", 3)
        assert (entry.higher_is_better, entry.uses_labels, entry.classification_only) == (False, True, True)

    def test_refuses_a_missing_annotation(self):
        with pytest.raises(ZcBenchError, match=r"needs a type annotation for: a\.$"):

            @proxy("p")
            def reduce(a) -> float:
                """Reduce."""
                return 0.0

    @pytest.mark.parametrize("gift", [int, None, torch.Tensor])
    def test_refuses_another_gift_than_float(self, gift):
        def reduce(a: A) -> gift:
            """Reduce."""

        with pytest.raises(ZcBenchError, match="The proxy 'p' must be annotated to return float, not"):
            proxy("p")(reduce)

    def test_refuses_a_missing_docstring(self):
        with pytest.raises(ZcBenchError, match="The proxy 'p' has no docstring"):

            @proxy("p")
            def reduce(a: A) -> float:
                return 0.0

    def test_refuses_a_second_of_that_name(self):
        def reduce(a: A) -> float:
            """Reduce."""
            return 0.0

        proxy("p")(reduce)
        with pytest.raises(ZcBenchError, match="The proxy 'p' is registered already"):
            proxy("p")(reduce)


def give(gift, *needs, log=None, name=None, error=None):
    """Register a pass that gives `gift()`, or raises, and logs that it ran."""

    def function(**arguments):
        if log is not None:
            log.append(name)
        if error is not None:
            raise error
        return gift()

    name = name or gift.__name__.lower()
    shared_pass(_annotated(function, name, needs, gift))


def reduce_by(name, *needs, log=None, result=1.0, error=None):
    """Register a proxy that returns `result`, or raises, and logs that it ran."""

    def function(**arguments):
        if log is not None:
            log.append(name)
        if error is not None:
            raise error
        return result

    proxy(name)(_annotated(function, name, needs, float))


def _annotated(inner, name, needs, gift):
    """Make a function whose parameters are annotated with the needs."""
    parameters = ", ".join(f"n{index}: needs[{index}]" for index in range(len(needs)))
    arguments = ", ".join(f"n{index}=n{index}" for index in range(len(needs)))
    scope = {"inner": inner, "needs": needs, "gift": gift}
    exec(f'def {name}({parameters}) -> gift:\n    """Do it."""\n    return inner({arguments})', scope)
    return scope[name]


class TestPlan:
    def test_runs_nothing_that_nobody_needs(self):
        give(A, Start)
        give(B, Start)
        reduce_by("p", A)
        planned = plan(["p"], [Start])
        assert [step.name for step in planned.steps] == ["a", "p"]
        assert planned.wanted == {Start, A}

    def test_runs_a_shared_pass_once(self):
        log = []
        give(A, Start, log=log)
        give(B, A, log=log)
        for name in ("p", "q", "r"):
            reduce_by(name, A, B)
        observe(plan(["p", "q", "r"], [Start]), Start())
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

        observed = observe(plan(["p", "q"], [Start]), Start())
        assert log == ["both"]
        assert {name: score.value for name, score in observed.scores.items()} == {"p": 5, "q": 6}

    @pytest.mark.parametrize("asked", list(permutations(["on_a", "on_b", "on_c"])))
    def test_goes_depth_first_and_reduces_as_early_as_it_can(self, asked):
        log = []
        give(A, Start, log=log)
        give(B, A, log=log)
        give(C, Start, log=log)
        reduce_by("on_a", A, log=log)
        reduce_by("on_b", B, log=log)
        reduce_by("on_c", C, log=log)
        observe(plan(asked, [Start]), Start())
        # Never is an observation carried along while another branch is gone through.
        assert log in (["a", "on_a", "b", "on_b", "c", "on_c"], ["c", "on_c", "a", "on_a", "b", "on_b"])

    def test_takes_a_name_twice_for_once(self):
        log = []
        reduce_by("p", Start, log=log)
        observe(plan(["p", "p"], [Start]), Start())
        assert log == ["p"]

    def test_helps_with_a_misspelt_name(self):
        reduce_by("swap", Start)
        with pytest.raises(ZcBenchError, match="Unknown proxy 'swop': did you mean 'swap'"):
            plan(["swop"], [Start])

    def test_names_the_passes_that_need_each_other(self):
        give(A, B)
        give(B, A)
        reduce_by("p", A)
        with pytest.raises(ZcBenchError, match=r"Passes need each other in a circle: pass [ab] -> pass [ab] -> pass"):
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
        assert [step.name for step in planned.rests_on(module.proxies["p"])] == ["a", "b"]
        assert [step.name for step in planned.rests_on(module.proxies["q"])] == ["c"]

    def test_a_pass_is_told_what_is_wanted(self):
        seen = []

        @shared_pass
        def both(start: Start, wanted: Wanted) -> tuple[A | None, B | None]:
            seen.append(wanted)
            return A() if A in wanted else None, B() if B in wanted else None

        reduce_by("on_a", A)
        reduce_by("on_b", B)
        assert statuses(observe(plan(["on_a"], [Start]), Start())) == {"on_a": "done"}
        assert (A in seen[0], B in seen[0]) == (True, False)
        assert statuses(observe(plan(["on_a", "on_b"], [Start]), Start())) == {"on_a": "done", "on_b": "done"}
        assert (A in seen[1], B in seen[1]) == (True, True)

    def test_a_proxy_whose_need_is_unmet_is_undefined_with_the_reason(self):
        give(B, A)
        reduce_by("p", B)
        reduce_by("q", Start)
        observed = observe(plan(["p", "q"], [Start]), Start())
        assert statuses(observed) == {"p": "undefined", "q": "done"}
        assert observed.scores["p"].reason == "p needs A, which was not given."
        assert math.isnan(observed.scores["p"].value)
        assert observed.pass_seconds == {}


class TestObserve:
    def test_hands_over_observations_by_their_type(self):
        @shared_pass
        def b(a: A) -> B:
            return B(a.value + 1)

        @proxy("p")
        def p(second: B, first: A) -> float:
            """Add."""
            return 10 * second.value + first.value

        (score,) = observe(plan(["p"], [A]), A(4)).scores.values()
        assert (score.value, score.status, score.reason) == (54.0, Status.DONE, "")

    def test_times_passes_and_proxies(self):
        give(A, Start)
        reduce_by("p", A)
        observed = observe(plan(["p"], [Start]), Start())
        assert observed.pass_seconds["a"] >= 0
        assert observed.scores["p"].seconds >= 0

    def test_a_score_is_a_number(self):
        assert float(Score(2.5, Status.DONE, "", 0.0)) == 2.5

    @pytest.mark.parametrize("result", [3, torch.tensor(3.0), True])
    def test_makes_a_float_of_what_is_a_number(self, result):
        reduce_by("p", Start, result=result)
        score = observe(plan(["p"], [Start]), Start()).scores["p"]
        assert type(score.value) is float
        assert score.status is Status.DONE

    @pytest.mark.parametrize(
        ("value", "reason"),
        [(math.inf, "the score is inf"), (-math.inf, "the score is -inf"), (math.nan, "the score is nan")],
    )
    def test_a_score_that_is_not_finite_is_invalid(self, value, reason):
        reduce_by("p", Start, result=value)
        score = observe(plan(["p"], [Start]), Start()).scores["p"]
        assert (score.status, score.reason) == (Status.INVALID, reason)
        assert math.isnan(score.value)


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
        observed = observe(plan(["p", "q"], [Start]), Start())
        assert statuses(observed) == {"p": status, "q": "done"}
        assert observed.scores["p"].reason == reason.format("p")
        assert math.isnan(observed.scores["p"].value)

    @pytest.mark.parametrize(("error", "status", "reason"), FAILURES)
    def test_of_a_pass_costs_the_scores_of_those_who_rest_on_it(self, error, status, reason):
        give(A, Start, error=error)
        give(B, A)
        give(C, Start)
        reduce_by("directly", A)
        reduce_by("indirectly", B, C)
        reduce_by("elsewhere", C)
        observed = observe(plan(["directly", "indirectly", "elsewhere"], [Start]), Start())
        assert statuses(observed) == {"directly": status, "indirectly": status, "elsewhere": "done"}
        assert observed.scores["directly"].reason == reason.format("a")
        assert observed.scores["indirectly"].reason == reason.format("a")

    def test_of_a_pass_that_gives_several_costs_all_of_them(self):
        @shared_pass
        def both(start: Start) -> tuple[A, B]:
            raise ZeroDivisionError

        reduce_by("p", A)
        reduce_by("q", B)
        assert statuses(observe(plan(["p", "q"], [Start]), Start())) == {"p": "failed", "q": "failed"}

    @pytest.mark.parametrize("result", [None, "high", torch.ones(2), 1j])
    def test_a_proxy_that_returns_no_number_has_failed(self, result):
        reduce_by("p", Start, result=result)
        reduce_by("q", Start)
        observed = observe(plan(["p", "q"], [Start]), Start())
        assert statuses(observed) == {"p": "failed", "q": "done"}
        assert observed.scores["p"].reason.startswith("p: ")

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
        observed = observe(plan(["p", "q"], [Start]), Start())
        assert statuses(observed) == {"p": "failed", "q": "done"}
        assert observed.scores["p"].reason == f"both: TypeError: it gave {given}, its annotation says A, B"

    def test_a_pass_that_forgets_to_return_has_failed(self):
        @shared_pass
        def a(start: Start) -> A:
            A()

        reduce_by("p", A)
        score = observe(plan(["p"], [Start]), Start()).scores["p"]
        assert score.reason == "a: TypeError: it gave NoneType, its annotation says A"

    @pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
    def test_ctrl_c_is_no_failure(self, error):
        reduce_by("p", Start, error=error())
        with pytest.raises(error):
            observe(plan(["p"], [Start]), Start())


class TestMemory:
    """An observation may be gigabytes: it goes as soon as nobody needs it any more."""

    def test_an_observation_goes_after_its_last_use(self):
        alive = {}

        @shared_pass
        def a(start: Start) -> A:
            observation = A()
            alive["a"] = weakref.ref(observation)
            return observation

        @proxy("on_a")
        def on_a(a: A) -> float:
            """Read A."""
            return 1.0

        @proxy("later")
        def later(c: C) -> float:
            """Look whether A is there."""
            gc.collect()
            return float(alive["a"]() is None)

        @shared_pass
        def c(b: B) -> C:
            return C()

        # B rests on A, so that everything else comes after it.
        @shared_pass
        def b(a: A) -> B:
            return B()

        scores = observe(plan(["on_a", "later"], [Start]), Start()).scores
        assert {name: score.value for name, score in scores.items()} == {"on_a": 1.0, "later": 1.0}

    def test_of_two_observations_from_one_pass_each_goes_after_its_own_last_use(self):
        alive = {}

        @shared_pass
        def both(start: Start) -> tuple[A, B]:
            first, second = A(), B()
            alive.update(a=weakref.ref(first), b=weakref.ref(second))
            return first, second

        def look_for(other):
            gc.collect()
            return float(alive[other]() is not None)

        @proxy("on_a")
        def on_a(a: A) -> float:
            """Look whether B is there."""
            return look_for("b")

        @proxy("on_b")
        def on_b(b: B) -> float:
            """Look whether A is there."""
            return look_for("a")

        scores = observe(plan(["on_a", "on_b"], [Start]), Start()).scores
        # The one that runs first sees the other's observation, the one that runs last does not.
        assert sorted(score.value for score in scores.values()) == [0.0, 1.0]

    def test_what_a_pass_gives_without_being_asked_goes_at_once(self):
        alive = {}

        @shared_pass
        def both(start: Start) -> tuple[A, B]:
            unasked = B()
            alive["b"] = weakref.ref(unasked)
            return A(), unasked

        @proxy("p")
        def p(a: A) -> float:
            """Look whether B is there."""
            gc.collect()
            return float(alive["b"]() is None)

        assert observe(plan(["p"], [Start]), Start()).scores["p"].value == 1.0

    def test_an_observation_goes_where_the_next_pass_failed(self):
        alive = {}

        @shared_pass
        def a(start: Start) -> A:
            observation = A()
            alive["a"] = weakref.ref(observation)
            return observation

        @shared_pass
        def b(a: A) -> B:
            raise ZeroDivisionError

        reduce_by("p", B)
        observe(plan(["p"], [Start]), Start())
        gc.collect()
        assert alive["a"]() is None
