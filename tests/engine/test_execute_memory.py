"""When observations are freed."""

import gc
import weakref

import pytest
from made_up import A, B, C, Start, proxy, reduce_by

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.execute import execute
from zc_bench.engine.plan import plan

pytestmark = pytest.mark.usefixtures("registries")


def give_a_to_watch():
    """Register a pass that produces A.

    Return a mapping in which a reference shows whether A still exists.
    """
    alive = {}

    @shared_pass
    def a(start: Start) -> A:
        observation = A()
        alive["a"] = weakref.ref(observation)
        return observation

    return alive


class TestMemory:
    """An observation may be gigabytes: it is freed after its last use."""

    def test_an_observation_goes_after_its_last_use(self):
        alive = give_a_to_watch()

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

        # B depends on A, so all else runs after it.
        @shared_pass
        def b(a: A) -> B:
            return B()

        scores = execute(plan(["on_a", "later"], [Start]), Start()).scores
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

        scores = execute(plan(["on_a", "on_b"], [Start]), Start()).scores
        # The first one runs while the observation of the other exists, the last one does not.
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

        assert execute(plan(["p"], [Start]), Start()).scores["p"].value == 1.0

    def test_an_observation_goes_where_the_next_pass_failed(self):
        alive = give_a_to_watch()

        @shared_pass
        def b(a: A) -> B:
            raise ZeroDivisionError

        reduce_by("p", B)
        execute(plan(["p"], [Start]), Start())
        gc.collect()
        assert alive["a"]() is None
