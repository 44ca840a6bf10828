"""What is computed, what is not computed again, when it stops, and that estimates are right."""

import math
import time
from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest
import torch
from fake_executor import Clock, CostlyLab, FakeLab, RecordingLab, StagedLab, fake_run

from zc_bench.engine.scores import Status
from zc_bench.execution import JobQueue, run_trials
from zc_bench.execution.local import LocalExecutor
from zc_bench.store import Store, read_store

COLUMNS = {"params@1": {}}
HERE = LocalExecutor(torch.device("cpu"))


def advance(run, store, budget=math.inf):
    """Compute a run in this process."""
    return run_trials([JobQueue(run, store)], HERE, budget)


class TestRunTrials:
    def test_says_how_far_it_is_after_every_trial(self, store):
        progress = list(advance(fake_run(), store))
        assert [step.finished for step in progress] == list(range(25))
        assert [step.computed for step in progress] == list(range(25))
        assert {step.total for step in progress} == {24}
        assert {step.failed for step in progress} == {0}

    def test_a_trial_is_stored_before_it_is_told(self, store):
        for progress in advance(fake_run(), store):
            assert len(read_store(store.path).trials) == progress.finished

    def test_what_was_drawn_is_listed_in_the_store(self, store):
        run = fake_run()
        next(advance(run, store))
        assert read_store(store.path).drawn == {
            cell: tuple(keys) for cell, keys in run.drawn.items()
        }

    def test_computes_nothing_again(self, store):
        list(advance(fake_run(), store))
        scorer = FakeLab()
        (progress,) = advance(fake_run(scorer), store)
        assert (progress.finished, progress.total, progress.computed) == (24, 24, 0)
        assert scorer.keys == []

    def test_goes_on_where_it_was_interrupted(self, store):
        first, second = FakeLab(), FakeLab()
        list(islice(advance(fake_run(first), store), 8))
        steps = list(advance(fake_run(second), store))
        assert (steps[0].finished, steps[0].computed, steps[-1].finished) == (7, 0, 24)
        assert len(first.keys) == 7
        assert set(first.keys).isdisjoint(second.keys)

    def test_a_longer_run_computes_the_difference(self, store):
        list(advance(fake_run(samples=2), store))
        scorer = FakeLab()
        assert (
            len(list(advance(fake_run(scorer, samples=4, seeds=4), store))) - 1
            == 4 * 4 * 2 - 2 * 3 * 2
        )

    @pytest.mark.parametrize("status", [Status.FAILED, Status.OUT_OF_MEMORY])
    def test_counts_what_failed_and_tries_it_again(self, store, status):
        assert list(advance(fake_run(FakeLab(status)), store))[-1].failed == 24
        scorer = FakeLab()
        steps = list(advance(fake_run(scorer), store))
        assert len(scorer.keys) == 24
        assert (steps[0].finished, steps[-1].finished, steps[-1].failed) == (0, 24, 0)

    @pytest.mark.parametrize("status", [Status.INVALID, Status.UNDEFINED])
    def test_does_not_try_again_what_has_no_score(self, store, status):
        list(advance(fake_run(FakeLab(status)), store))
        assert len(list(advance(fake_run(), store))) == 1


@pytest.fixture
def clock(monkeypatch):
    """The clock that everything reads, turned on by scorers."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    monkeypatch.setattr(time, "perf_counter", clock)
    return clock


def cells(scorer):
    """Count trials by task and seed."""
    return Counter((key.task, key.seed) for key in scorer.keys)


class TestBudget:
    @pytest.mark.parametrize("budget", [0, 1, 5, 17, 59, 60, 66, 80, 1000])
    def test_is_kept_and_used(self, store, clock, budget):
        scorer = CostlyLab(clock, {"a": 1.0, "b": 1.0})
        list(advance(fake_run(scorer, samples=15), store, budget))
        # Sixty trials one by one, then rounds of six.
        used = min(budget, 60) + max(0, budget - 60) // 6 * 6
        assert len(scorer.keys) == clock.now == min(max(1, used), 90)

    def test_a_tight_one_gives_few_tasks_and_seeds_enough_architectures(self, store, clock):
        scorer = CostlyLab(clock, {"a": 20.0, "b": 40.0}, warming=10.0)
        list(advance(fake_run(scorer, samples=50, seeds=5), store, 625))
        assert cells(scorer) == {("a", 0): 10, ("b", 0): 10}

    def test_a_generous_one_gives_all_the_same(self, store, clock):
        scorer = CostlyLab(clock, {"a": 1.0, "b": 3.0})
        list(advance(fake_run(scorer, samples=50), store, 333))
        assert set(cells(scorer).values()) == {10 + (333 - 120) // 12}

    def test_a_lap_that_does_not_fit_is_begun_where_nothing_else_was_done(self, store, clock):
        list(
            islice(advance(fake_run(CostlyLab(clock, {"a": 1.0, "b": 1.0}), samples=15), store), 61)
        )
        scorer = CostlyLab(clock, {"a": 1.0, "b": 1.0})
        list(advance(fake_run(scorer, samples=15), store, 4))
        assert len(scorer.keys) == 4

    def test_stopping_again_and_again_comes_to_the_end(self, store, clock):
        for _ in range(24):
            list(advance(fake_run(CostlyLab(clock, {"a": 9.0, "b": 9.0})), store, 0))
        assert len(store.contents.trials) == 24

    @pytest.mark.usefixtures("clock")
    def test_nothing_is_done_where_nothing_is_left(self, store):
        list(advance(fake_run(), store))
        scorer = FakeLab()
        list(advance(fake_run(scorer), store, 0))
        assert scorer.keys == []


class TestEstimate:
    @pytest.mark.parametrize("budget", [math.inf, 4000.0])
    def test_is_right_within_a_third_from_the_first_trials_on(self, store, clock, budget):
        scorer = CostlyLab(clock, {"a": 1.0, "b": 5.0, "c": 30.0}, warming=20.0, spread=0.25)
        run = fake_run(scorer, tasks=("a", "b", "c"), samples=60, seeds=2)
        steps = [(clock.now, progress) for progress in advance(run, store, budget)]
        assert steps[0][1].left is None
        assert steps[-1][1].left == pytest.approx(0, abs=75)  # a round_ takes 72 s
        for now, progress in steps[5:-60]:
            assert progress.left == pytest.approx(clock.now - now, rel=0.3)
            assert progress.seconds == now

    def test_looks_at_every_task_first_where_that_is_cheap(self, store, clock):
        scorer = CostlyLab(clock, {"a": 1.0, "b": 1.0, "c": 1.0})
        run = fake_run(scorer, tasks=("a", "b", "c"))
        list(islice(advance(run, store, 31), 6))
        assert [key.task for key in scorer.keys] == ["a", "b", "c", "a", "a"]

    def test_does_not_where_it_costs_too_much_of_the_budget(self, store, clock):
        scorer = CostlyLab(clock, {"a": 1.0, "b": 1.0, "c": 1.0})
        run = fake_run(scorer, tasks=("a", "b", "c"))
        list(islice(advance(run, store, 29), 6))
        assert [key.task for key in scorer.keys] == ["a"] * 4 + ["b"]


class TestQuickProxiesFirst:
    NAMES = ("params", "grad_norm", "swap")

    def run(self, scorer, names=NAMES, **shape):
        run = fake_run(scorer, **shape)
        return replace(run, spec=replace(run.spec, proxies=names))

    def asked(self, store, budget=math.inf, **shape):
        scorer = RecordingLab()
        list(advance(self.run(scorer, **shape), store, budget))
        return scorer.asked

    def test_ten_architectures_of_every_task_have_those_of_a_forward_pass_before_any_is_differentiated(
        self, store
    ):
        asked = self.asked(store, samples=12, seeds=2)
        quick = asked[:20]
        assert {names for _, names in quick} == {("params", "swap")}
        assert Counter((key.task, key.seed) for key, _ in quick) == {("a", 0): 10, ("b", 0): 10}
        assert [names for key, names in asked[20:40]] == [("grad_norm",)] * 20
        assert {names for _, names in asked[40:]} == {self.NAMES}

    def test_every_score_is_computed_once(self, store):
        asked = self.asked(store, samples=12, seeds=2)
        assert max(Counter((key, name) for key, names in asked for name in names).values()) == 1
        assert all(
            store.missing(key, {"params": "params@1", "swap": "swap@1"}) == [] for key, _ in asked
        )

    def test_a_trial_counts_when_all_its_scores_are_there(self, store):
        steps = list(advance(self.run(RecordingLab(), samples=2, seeds=1), store))
        assert [step.finished for step in steps] == [0, 0, 0, 0, 0, 1, 2, 3, 4]
        assert {step.total for step in steps} == {4}

    def test_nothing_is_parted_where_only_one_sort_is_asked_for_or_lacking(self, store):
        for names in (("params", "swap"), ("grad_norm", "snip")):
            scorer = RecordingLab()
            list(advance(self.run(scorer, names), store))
            assert {asked for _, asked in scorer.asked} == {names}

    @pytest.mark.parametrize("budget", [40, 100, 300, 1000])
    def test_a_budget_is_kept_though_the_costly_ones_are_not_known_yet(self, store, clock, budget):
        scorer = StagedLab(clock, quick=1.0, costly=10.0)
        list(advance(self.run(scorer, samples=50), store, budget))
        assert clock.now <= budget


class TestSeveralRuns:
    @pytest.fixture
    def stores(self, tmp_path):
        with (
            Store(tmp_path / "1.h5", COLUMNS, {}) as first,
            Store(tmp_path / "2.h5", COLUMNS, {}) as second,
        ):
            yield first, second

    def run_both(self, stores, clock, tasks, costs, budget, samples=60):
        scorers = [CostlyLab(clock, dict.fromkeys("abcd", cost)) for cost in costs]
        queues = [
            JobQueue(fake_run(scorer, tasks=tuple(names), samples=samples), store)
            for scorer, names, store in zip(scorers, tasks, stores, strict=True)
        ]
        list(run_trials(queues, HERE, budget))
        return [len(scorer.keys) for scorer in scorers]

    def test_share_the_time(self, stores, clock):
        costly, cheap = self.run_both(stores, clock, ("ab", "ab"), (10.0, 1.0), 300)
        assert costly * 10 == pytest.approx(150, abs=10)
        assert cheap * 1 == pytest.approx(150, abs=10)
        assert clock.now <= 300

    def test_in_proportion_to_their_tasks(self, stores, clock):
        one, three = self.run_both(stores, clock, ("a", "bcd"), (1.0, 1.0), 160)
        assert (one, three) == pytest.approx((40, 120), abs=10)

    def test_who_is_finished_leaves_its_time_to_the_others(self, stores, clock):
        assert self.run_both(stores, clock, ("a", "a"), (1.0, 5.0), 400, samples=20) == [60, 60]

    def test_each_does_at_least_one_trial(self, stores, clock):
        assert self.run_both(stores, clock, ("a", "a"), (100.0, 1.0), 0) == [1, 1]
