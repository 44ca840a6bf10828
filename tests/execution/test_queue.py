"""The jobs of a run, their order and their cost."""

from collections import Counter
from itertools import chain, islice

import numpy as np
import pytest
from fake_scorers import FakeScorer, fake_run
from hypothesis import given
from hypothesis import strategies as st

from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.execution import JobQueue
from zc_bench.execution.queue import FIRST, GRADIENTS, Costs, needs_gradients, rounds
from zc_bench.proxies.groups import default_proxies

ALL = ("params", "grad_norm", "swap")
KINDS = [(task, ("swap",)) for task in "abc"]
TIMES = st.lists(st.tuples(st.sampled_from(KINDS), st.floats(0.01, 100)), max_size=20)


def draws(keys):
    """Count trials by task and seed."""
    return Counter((key.task, key.seed) for key in keys)


def drain(queue, seconds=1.0):
    """Take and finish all jobs; yield each with the queue after it."""
    while queue:
        job = queue.take()
        scores = {name: Score(1.0, Status.DONE, "", 0.0) for name in job.names}
        queue.finish(job, JobResult(scores, {}, seconds=seconds))
        yield job


class TestRounds:
    def test_first_give_ten_architectures_to_every_task_and_seed_in_turn(self):
        first = list(rounds(fake_run(samples=12, seeds=2).drawn))[: 4 * FIRST]
        assert {len(keys) for keys in first} == {1}
        assert [(key.task, key.seed) for (key,) in first] == [
            draw for draw in (("a", 0), ("b", 0), ("a", 1), ("b", 1)) for _ in range(FIRST)
        ]

    def test_then_hold_one_architecture_of_every_task_and_seed(self):
        later = list(rounds(fake_run(samples=12).drawn))[6 * FIRST :]
        assert len(later) == 2
        for keys in later:
            assert [(key.seed, key.task) for key in keys] == [
                (seed, task) for seed in range(3) for task in ("a", "b")
            ]

    @given(
        st.integers(1, 25),
        st.integers(1, 3),
        st.lists(st.sampled_from("abc"), min_size=1, unique=True),
    )
    def test_hold_every_trial_once_in_the_order_of_the_draw(self, samples, seeds, tasks):
        run = fake_run(samples=samples, seeds=seeds, tasks=tuple(tasks))
        keys = list(chain.from_iterable(rounds(run.drawn)))
        for (task, seed), drawn in run.drawn.items():
            found = [key.architecture for key in keys if (key.task, key.seed) == (task, seed)]
            assert found == drawn
        assert len(keys) == samples * seeds * len(tasks)

    @given(st.integers(0, 200))
    def test_between_two_all_correlations_have_ten_architectures_or_the_same_number(self, stop):
        run = fake_run(samples=25)
        counts = draws(chain.from_iterable(islice(rounds(run.drawn), stop))).values()
        if stop <= 6 * FIRST:
            assert sum(0 < count < FIRST for count in counts) <= 1
        else:
            assert len(set(counts)) == 1

    def test_end_earlier_for_a_task_with_fewer_architectures(self):
        known = np.arange(60.0)
        truth = {"a": np.where(known < 12, known, np.nan), "b": known}
        found = list(rounds(fake_run(samples=30, seeds=1, truth=truth).drawn))
        assert draws(chain.from_iterable(found)) == {("a", 0): 12, ("b", 0): 30}
        tasks = [[key.task for key in keys] for keys in found[20:24]]
        assert tasks == [["a", "b"], ["a", "b"], ["b"], ["b"]]


class TestNeedsGradients:
    def test_eight_of_the_seventeen_do(self):
        assert {name for name in default_proxies() if needs_gradients(name)} == {
            *("epe_nas", "fisher", "grad_norm", "grasp", "jacov", "plain", "snip", "zico")
        }


class TestOrder:
    def asked(self, store, proxies=ALL, **shape):
        queue = JobQueue(fake_run(samples=12, seeds=2, proxies=proxies, **shape), store)
        return [(job.key, job.names) for job in drain(queue)]

    def test_proxies_without_gradients_come_first_for_ten_architectures_of_every_task(self, store):
        asked = self.asked(store)
        assert {names for _, names in asked[:20]} == {("params", "swap")}
        assert draws(key for key, _ in asked[:20]) == {("a", 0): 10, ("b", 0): 10}
        assert [names for _, names in asked[20:40]] == [("grad_norm",)] * 20
        assert [key for key, _ in asked[:20]] == [key for key, _ in asked[20:40]]
        assert {names for _, names in asked[40:]} == {ALL}

    def test_every_score_is_computed_once(self, store):
        asked = self.asked(store)
        counts = Counter((key, name) for key, names in asked for name in names)
        assert set(counts.values()) == {1}
        assert len(counts) == 3 * 12 * 2 * 2

    @pytest.mark.parametrize("proxies", [("params", "swap"), ("grad_norm", "snip")])
    def test_a_trial_has_one_job_where_its_proxies_are_of_one_sort(self, store, proxies):
        assert {names for _, names in self.asked(store, proxies)} == {proxies}

    def test_a_trial_has_one_job_where_one_sort_is_lacking(self, store):
        self.asked(store, ("params", "swap"))
        asked = self.asked(store)
        assert {names for _, names in asked} == {("grad_norm",)}
        assert len(asked) == 12 * 2 * 2

    def test_a_trial_counts_when_all_its_scores_are_there(self, store):
        queue = JobQueue(fake_run(samples=2, seeds=1, proxies=ALL), store)
        assert (queue.total, queue.finished.total()) == (4, 0)
        counts = [queue.finished.total() for _ in drain(queue)]
        assert counts == [0, 0, 0, 0, 1, 2, 3, 4]
        assert queue.computed == 4

    def test_a_store_with_half_of_a_trial_lacks_the_other_half(self, store):
        queue = JobQueue(fake_run(samples=2, seeds=1, proxies=ALL), store)
        half = [job.key for job in islice(drain(queue), 3)]
        again = JobQueue(fake_run(samples=2, seeds=1, proxies=ALL), store)
        assert again.finished.total() == 0
        asked = [(job.key, job.names) for job in drain(again)]
        assert [names for key, names in asked if key in half] == [("grad_norm",)] * 3

    def test_what_is_running_and_what_is_next_is_known(self, store):
        queue = JobQueue(fake_run(samples=12, seeds=1), store)
        assert len(queue.next_costs()) == 1
        for _ in islice(drain(queue, 3.0), 20):
            assert not queue.begun
        assert queue.next_costs() == [3.0, 3.0]
        job = queue.take()
        assert queue.begun
        assert queue.running == {job}
        assert queue.next_costs() == [3.0]
        assert (queue.busy(), queue.used(), queue.left()) == (3.0, 63.0, 12.0)


class TestCosts:
    def test_nothing_is_known_at_first(self):
        costs = Costs(())
        assert not costs
        assert costs.mean(KINDS[0]) == 0.0

    @given(TIMES)
    def test_are_the_mean_of_the_kind_or_of_all(self, times):
        costs = Costs(())
        for kind, seconds in times:
            costs.add(kind, seconds)
        for kind in KINDS:
            same = [seconds for other, seconds in times if other == kind]
            expected = same or [seconds for _, seconds in times] or [0.0]
            assert costs.mean(kind) == pytest.approx(sum(expected) / len(expected))

    def test_the_first_with_gradients_is_taken_for_a_multiple_of_those_without(self):
        costs = Costs({"snip", "grasp", "fisher"})
        costs.add(("a", ("swap", "params")), 2.0)
        assert costs.mean(("b", ("nwot",))) == 2.0
        assert costs.mean(("b", ("snip", "grasp"))) == GRADIENTS * 2.0
        costs.add(("a", ("snip", "grasp")), 7.0)
        assert costs.mean(("b", ("fisher", "params"))) == 7.0
        assert costs.mean(("b", ("nwot",))) == 2.0

    def test_those_without_are_taken_for_what_is_known_with_gradients(self):
        costs = Costs({"snip"})
        costs.add(("a", ("snip",)), 7.0)
        assert costs.mean(("a", ("swap",))) == 7.0


def test_a_job_is_what_the_scorer_is_asked_for(store):
    scorer = FakeScorer()
    job = JobQueue(fake_run(scorer), store).take()
    result = job.run()
    assert scorer.asked == [(job.key, ("params",))]
    assert result.scores["params"].value == 1.0
    assert result.seconds >= 0
