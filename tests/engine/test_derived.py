"""Derived proxies: their declarations, inputs, and inputs that are not done."""

import math
import re
from dataclasses import dataclass

import numpy as np
import pytest
from made_up import A, Start, give, reduce_by

from zc_bench.engine import declare as module
from zc_bench.engine.declare import PARTS, Requested, shared_pass
from zc_bench.engine.derived import (
    Scores,
    computed_names,
    derivations,
    derive,
    derive_one,
    derived_proxy,
    needs_in_words,
    settings_read,
)
from zc_bench.engine.fingerprints import parts_read
from zc_bench.engine.plan import plan
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError

pytestmark = pytest.mark.usefixtures("registries")

FAILED = Score(math.nan, Status.FAILED, "boom", 1.0)
INVALID = Score(math.nan, Status.INVALID, "0/0", 1.0)


class Scale(float):
    """A setting."""


def done(value, reason=""):
    return Score(value, Status.DONE, reason, 1.0)


@pytest.fixture
def sums(registries):
    """The proxies p and q, and their sum, scaled."""
    for name in ("p", "q"):
        reduce_by(name, Start)

    @derived_proxy("total", source="nobody", version=3)
    def scaled_sum(q: Scores, p: Scores, scale: Scale) -> Scores:
        """Sum."""
        return scale * (q + p)


@pytest.mark.usefixtures("sums")
class TestDerive:
    def test_is_called_once_for_all_trials(self):
        scores = {"p": [done(1.0), done(2.0)], "q": [done(10.0), done(20.0)]}
        assert derive(["total"], scores, Scale(2)) == {
            "total": [Score(22.0, Status.DONE, "", 0.0), Score(44.0, Status.DONE, "", 0.0)]
        }

    def test_takes_the_first_status_and_reason_that_is_not_done(self):
        scores = {"p": [FAILED, done(1.0), FAILED], "q": [INVALID, done(2.0), done(3.0)]}
        first, second, third = derive(["total"], scores, Scale(1))["total"]
        assert (first.status, first.reason) == (Status.INVALID, "0/0")  # q is its first parameter
        assert second.value == 3.0
        assert (third.status, third.reason) == (Status.FAILED, "boom")

    def test_without_a_setting_it_is_undefined(self):
        (score,) = derive(["total"], {"p": [done(1.0)], "q": [done(1.0)]})["total"]
        assert score.status is Status.UNDEFINED
        assert score.reason == "total needs Scale, which was not given."

    def test_what_is_not_finite_is_invalid(self):
        (score,) = derive(["total"], {"p": [done(1.0)], "q": [done(1.0)]}, Scale("inf"))["total"]
        assert (score.status, score.reason) == (Status.INVALID, "the score is not finite")

    def test_says_how_its_inputs_were_computed(self):
        scores = {"p": [done(1.0, "in parts of 8 images")], "q": [done(1.0)]}
        assert derive(["total"], scores, Scale(1))["total"][0].reason == "in parts of 8 images"

    def test_of_one_trial_comes_in_the_order_of_the_names(self):
        found = derive_one(["total", "p"], {"p": done(1.0), "q": done(2.0)}, Scale(1))
        assert {name: score.value for name, score in found.items()} == {"total": 3.0, "p": 1.0}
        assert list(found) == ["total", "p"]

    def test_no_trials_are_no_scores(self):
        assert derive(["total"], {"p": [], "q": []}, Scale(1)) == {"total": []}


@pytest.mark.usefixtures("sums")
class TestNames:
    def test_jobs_have_what_is_read_and_nothing_derived(self):
        assert computed_names(["total", "p"]) == ("q", "p")

    def test_an_unknown_one_is_told(self):
        with pytest.raises(ZcBenchError, match="Unknown proxy 'totl': did you mean 'total'"):
            computed_names(["totl"])

    def test_settings_are_those_of_what_is_asked_for(self):
        assert settings_read(["total"]) == {Scale}
        assert settings_read(["p"]) == frozenset()

    def test_a_plan_runs_what_is_read(self):
        assert [step.name for step in plan(["total"], [Start]).proxies] == ["q", "p"]

    def test_one_may_read_another(self):
        @derived_proxy("rank", source="nobody")
        def rank(total: Scores, p: Scores) -> Scores:
            """Rank in the set."""
            return np.argsort(np.argsort(total + p)).astype(float)

        assert [entry.name for entry in derivations(["rank"])] == ["total", "rank"]
        scores = {name: [done(3.0), done(1.0), done(2.0)] for name in ("p", "q")}
        values = [score.value for score in derive(["rank"], scores, Scale(1))["rank"]]
        assert values == [2.0, 0.0, 1.0]

    def test_needs_are_told_in_words(self):
        assert needs_in_words(module.proxy_registry["total"]) == "scores of q, p, Scale"


@pytest.mark.usefixtures("sums")
class TestDeclaration:
    def test_takes_version_and_summary_as_any_proxy(self):
        entry = module.proxy_registry["total"]
        assert (entry.version, entry.summary, entry.uses_labels) == (3, "Sum.", False)

    def test_uses_labels_if_an_input_does(self):
        @module.proxy("labelled", source="nobody", uses_labels=True)
        def labelled(start: Start) -> float:
            """Use labels."""
            return 1.0

        @derived_proxy("twice", source="nobody")
        def twice(labelled: Scores) -> Scores:
            """Twice."""
            return 2 * labelled

        assert module.proxy_registry["twice"].uses_labels

    def test_an_input_that_is_no_proxy_is_refused(self):
        def broken(pp: Scores) -> Scores:
            """Broken."""

        with pytest.raises(ZcBenchError, match="Unknown proxy 'pp': did you mean 'p'"):
            derived_proxy("broken", source="nobody")(broken)

    def test_wrong_annotations_are_refused(self):
        def without_scores(scale: Scale) -> Scores:
            """No scores."""

        def not_scores(p: Scores) -> float:
            """No array."""

        def two_kinds(p: Scores, scale: Scale | None) -> Scores:
            """A setting of one class or another."""

        for function in (without_scores, not_scores, two_kinds):
            with pytest.raises(
                ZcBenchError, match="'broken' must take Scores of one proxy or more"
            ):
                derived_proxy("broken", source="nobody")(function)

    @pytest.mark.parametrize(
        ("result", "reason"),
        [
            (
                lambda p: p[:0],
                r"broken: ValueError: it returned an array of shape \(0,\) for 1 trials",
            ),
            (lambda p: p / "a", "broken: .*Error: "),
        ],
    )
    def test_one_that_breaks_costs_its_own_scores(self, result, reason):
        @derived_proxy("broken", source="nobody")
        def broken(p: Scores) -> Scores:
            """Break."""
            return result(p)

        (score,) = derive(["broken"], {"p": [done(1.0)]})["broken"]
        assert score.status is Status.FAILED
        assert re.match(reason, score.reason)


@dataclass(frozen=True)
class B2:
    """An observation."""


class TestPartsRead:
    def test_a_pass_that_says_nothing_reads_everything(self):
        give(A, Start)
        reduce_by("p", A)
        assert parts_read("p") == PARTS

    def test_what_a_pass_declares_counts_and_what_it_rests_on(self):
        @shared_pass(reads={A: ("weights",)})
        def a(start: Start, requested: Requested) -> A:
            return A()

        @shared_pass(reads={B2: ("seed",)})
        def b(a: A, start: Start) -> B2:
            return B2()

        reduce_by("on_a", A)
        reduce_by("on_b", B2)
        assert parts_read("on_a") == {"weights"}
        assert parts_read("on_b") == {"weights", "seed"}

    def test_a_pass_that_takes_observations_only_reads_what_they_do(self):
        @shared_pass(reads={A: ()})
        def a(start: Start) -> A:
            return A()

        give(B2, A, name="b")
        reduce_by("p", B2)
        assert parts_read("p") == frozenset()

    def test_a_proxy_that_takes_the_trial_itself_reads_everything(self):
        reduce_by("p", Start)
        assert parts_read("p") == PARTS

    def test_nothing_is_known_of_a_proxy_that_is_not_registered(self):
        assert parts_read("strange") == PARTS

    def test_passes_in_a_circle_come_to_an_end(self):
        give(A, B2)
        give(B2, A, name="b")
        reduce_by("p", A)
        assert parts_read("p") == frozenset()

    def test_a_part_that_no_trial_has_is_refused(self):
        with pytest.raises(
            ZcBenchError, match="Unknown part of a trial 'weight': did you mean 'weights'"
        ):

            @shared_pass(reads={A: ("weight",)})
            def a(start: Start) -> A:
                return A()

    def test_an_observation_that_is_not_produced_is_refused(self):
        with pytest.raises(ZcBenchError, match="The pass 'a' does not produce"):

            @shared_pass(reads={B2: ()})
            def a(start: Start) -> A:
                return A()
