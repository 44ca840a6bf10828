"""Derived scores of a store: from whose settings they come, and for which trials."""

import math

import pytest

from zc_bench.engine.scores import Score, Status
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.store import Contents, Row, TrialKey, recorded_regularisations, with_derived


def done(value):
    return Score(value, Status.DONE, "", 0.0)


def recorded(mu, task="cifar10"):
    return {"regularisation": {task: {"mu": mu, "sigma": 0.5, "unit": "M"}}}


def holding(*provenances, task="cifar10"):
    both = Row({"swap@1": done(100.0), "params@1": done(1.5)})
    trials = {
        TrialKey(task, "x", 0): both,
        TrialKey(task, "y", 0): Row({"swap@1": done(100.0)}),
    }
    first, *others = provenances or ({},)
    return Contents({}, first, trials, other_provenance=list(others))


def reg_swap(contents, name="x"):
    score = contents.trials[TrialKey("cifar10", name, 0)].scores.get("reg_swap@1")
    return score and score.value


class TestWithDerived:
    def test_comes_from_the_settings_on_record(self):
        twin = 100 * math.e ** (-((1.5 - 1.0) ** 2) / 0.5)
        assert reg_swap(with_derived(holding(recorded(1.0)))) == pytest.approx(twin, rel=1e-12)

    def test_of_several_records_the_last_one_counts_and_the_others_fill_in(self):
        found = recorded_regularisations(holding(recorded(1.0), recorded(2.0), recorded(3.0, "b")))
        assert {task: bell.mu for task, bell in found.items()} == {"cifar10": 1.0, "b": 3.0}

    def test_nothing_is_derived_where_nobody_asked_for_it(self):
        assert reg_swap(with_derived(holding())) is None

    def test_a_trial_that_lacks_an_input_has_none(self):
        assert reg_swap(with_derived(holding(recorded(1.0))), "y") is None

    def test_names_and_settings_may_be_given(self):
        bells = {"cifar10": Regularisation(1.5, 1.0)}
        assert reg_swap(with_derived(holding(recorded(1.0)), ["reg_swap"], bells)) == 100.0
        assert reg_swap(with_derived(holding(recorded(1.0)), ["swap"], bells)) is None

    def test_without_settings_one_that_is_asked_for_is_undefined(self):
        found = with_derived(holding(), ["reg_swap"], {})
        score = found.trials[TrialKey("cifar10", "x", 0)].scores["reg_swap@1"]
        assert score.status is Status.UNDEFINED

    def test_what_is_stored_is_as_before(self):
        contents = holding(recorded(1.0))
        with_derived(contents)
        assert contents.columns() == ["params@1", "swap@1"]
