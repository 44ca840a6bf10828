"""The trials that are computed, the end of a run, and its estimates."""

import math
import time
from collections import Counter
from itertools import islice

import pytest
import torch
from fake_scorers import Clock, FakeScorer, GradientScorer, TimedScorer, fake_run

from zc_bench.engine.scores import Status
from zc_bench.execution import JobQueue, LocalExecutor, run_jobs
from zc_bench.store import Store, read_store

COLUMNS = {"params@1": {}, "swap@1": {}, "snip@1": {}, "grad_norm@1": {}}
HERE = LocalExecutor(torch.device("cpu"))


def advance(run, store, budget=math.inf):
    """Compute a run in this process."""
    return run_jobs([JobQueue(run, store)], HERE, budget)


class TestRunJobs:
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
            draw: tuple(keys) for draw, keys in run.drawn.items()
        }

    def test_computes_nothing_again(self, store):
        list(advance(fake_run(), store))
        scorer = FakeScorer()
        (progress,) = advance(fake_run(scorer), store)
        assert (progress.finished, progress.total, progress.computed) == (24, 24, 0)
        assert scorer.keys == []

    def test_goes_on_where_it_was_interrupted(self, store):
        first, second = FakeScorer(), FakeScorer()
        list(islice(advance(fake_run(first), store), 8))
        steps = list(advance(fake_run(second), store))
        assert (steps[0].finished, steps[0].computed, steps[-1].finished) == (7, 0, 24)
        assert len(first.keys) == 7
        assert set(first.keys).isdisjoint(second.keys)

    def test_a_longer_run_computes_the_difference(self, store):
        list(advance(fake_run(samples=2), store))
        scorer = FakeScorer()
        assert (
            len(list(advance(fake_run(scorer, samples=4, seeds=4), store))) - 1
            == 4 * 4 * 2 - 2 * 3 * 2
        )

    @pytest.mark.parametrize("status", [Status.FAILED, Status.OUT_OF_MEMORY])
    def test_counts_what_failed_and_tries_it_again(self, store, status):
        assert list(advance(fake_run(FakeScorer(status)), store))[-1].failed == 24
        scorer = FakeScorer()
        steps = list(advance(fake_run(scorer), store))
        assert len(scorer.keys) == 24
        assert (steps[0].finished, steps[-1].finished, steps[-1].failed) == (0, 24, 0)

    @pytest.mark.parametrize("status", [Status.INVALID, Status.UNDEFINED])
    def test_does_not_try_again_what_has_no_score(self, store, status):
        list(advance(fake_run(FakeScorer(status)), store))
        assert len(list(advance(fake_run(), store))) == 1


@pytest.fixture
def clock(monkeypatch):
    """The clock that everything reads, turned on by scorers."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    monkeypatch.setattr(time, "perf_counter", clock)
    return clock


def draws(scorer):
    """Count trials by task and seed."""
    return Counter((key.task, key.seed) for key in scorer.keys)


class TestBudget:
    @pytest.mark.parametrize("budget", [0, 1, 5, 17, 59, 60, 66, 80, 1000])
    def test_is_kept_and_used(self, store, clock, budget):
        scorer = TimedScorer(clock, {"a": 1.0, "b": 1.0})
        list(advance(fake_run(scorer, samples=15), store, budget))
        # Sixty trials one by one, then rounds of six.
        used = min(budget, 60) + max(0, budget - 60) // 6 * 6
        assert len(scorer.keys) == clock.now == min(max(1, used), 90)

    def test_a_tight_one_gives_few_tasks_and_seeds_enough_architectures(self, store, clock):
        scorer = TimedScorer(clock, {"a": 20.0, "b": 40.0}, warming=10.0)
        list(advance(fake_run(scorer, samples=50, seeds=5), store, 625))
        assert draws(scorer) == {("a", 0): 10, ("b", 0): 10}

    def test_a_generous_one_gives_all_the_same(self, store, clock):
        scorer = TimedScorer(clock, {"a": 1.0, "b": 3.0})
        list(advance(fake_run(scorer, samples=50), store, 333))
        assert set(draws(scorer).values()) == {10 + (333 - 120) // 12}

    def test_a_round_that_does_not_fit_is_begun_where_nothing_else_was_done(self, store, clock):
        list(
            islice(
                advance(fake_run(TimedScorer(clock, {"a": 1.0, "b": 1.0}), samples=15), store), 61
            )
        )
        scorer = TimedScorer(clock, {"a": 1.0, "b": 1.0})
        list(advance(fake_run(scorer, samples=15), store, 4))
        assert len(scorer.keys) == 4

    def test_stopping_again_and_again_comes_to_the_end(self, store, clock):
        for _ in range(24):
            list(advance(fake_run(TimedScorer(clock, {"a": 9.0, "b": 9.0})), store, 0))
        assert len(store.contents.trials) == 24

    @pytest.mark.usefixtures("clock")
    def test_nothing_is_done_where_nothing_is_left(self, store):
        list(advance(fake_run(), store))
        scorer = FakeScorer()
        list(advance(fake_run(scorer), store, 0))
        assert scorer.keys == []


class TestEstimate:
    def test_is_right_within_a_third_when_every_task_is_known(self, store, clock):
        costs = {"a": 1.0, "b": 5.0, "c": 30.0}
        scorer = TimedScorer(clock, costs, warming=20.0, spread=0.25)
        run = fake_run(scorer, tasks=tuple(costs), samples=60, seeds=2)
        steps = [(clock.now, progress) for progress in advance(run, store)]
        assert steps[0][1].left is None
        assert steps[-1][1].left == pytest.approx(0, abs=75)  # a round takes 72 s
        for now, progress in steps[21:-60]:
            assert progress.left == pytest.approx(clock.now - now, rel=0.34)
            assert progress.seconds == now

    def test_goes_to_the_end_of_the_work_beside_what_the_budget_allows(self, store, clock):
        scorer = TimedScorer(clock, {"a": 10.0, "b": 10.0})
        first, *_, last = advance(fake_run(scorer), store, 100.0)
        assert (first.left, first.allowed) == (None, 100.0)
        assert last.left == 10.0 * (last.total - last.finished) > 0
        assert last.allowed == 100.0 - last.seconds

    @pytest.mark.usefixtures("clock")
    def test_is_nothing_when_the_run_is_finished(self, store):
        assert list(advance(fake_run(), store))[-1].left == 0.0
        assert [step.left for step in advance(fake_run(), store)] == [0.0]


class TestGradients:
    @pytest.mark.parametrize("budget", [40, 100, 300, 1000])
    def test_a_budget_is_kept_though_their_cost_is_not_known_yet(self, store, clock, budget):
        scorer = GradientScorer(clock, without=1.0, with_gradients=10.0)
        proxies = ("params", "grad_norm", "swap")
        list(advance(fake_run(scorer, samples=50, proxies=proxies), store, budget))
        assert budget / 3 < clock.now <= budget


class TestSeveralRuns:
    @pytest.fixture
    def stores(self, tmp_path):
        with (
            Store(tmp_path / "1.h5", COLUMNS, {}) as first,
            Store(tmp_path / "2.h5", COLUMNS, {}) as second,
        ):
            yield first, second

    def run_both(self, stores, clock, tasks, costs, budget, samples=60):
        scorers = [TimedScorer(clock, dict.fromkeys("abcd", cost)) for cost in costs]
        queues = [
            JobQueue(fake_run(scorer, tasks=tuple(names), samples=samples), store)
            for scorer, names, store in zip(scorers, tasks, stores, strict=True)
        ]
        list(run_jobs(queues, HERE, budget))
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

    def test_finish_a_round_before_the_other_has_its_turn(self, stores, clock):
        order = []

        class Noting(TimedScorer):
            def score(self, key, names):
                order.append(id(self))
                return super().score(key, names)

        scorers = [Noting(clock, dict.fromkeys("ab", cost)) for cost in (1.0, 1.1)]
        queues = [
            JobQueue(fake_run(scorer, samples=14), store)
            for scorer, store in zip(scorers, stores, strict=True)
        ]
        list(run_jobs(queues, HERE))
        # Each has 60 rounds of one trial, then four of six.
        for scorer in scorers:
            places = [place for place, one in enumerate(order) if one == id(scorer)]
            assert len(places) == 84
            for start in range(60, 84, 6):
                assert places[start + 5] == places[start] + 5

    def test_each_does_at_least_one_trial(self, stores, clock):
        assert self.run_both(stores, clock, ("a", "a"), (100.0, 1.0), 0) == [1, 1]
