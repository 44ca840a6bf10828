"""Which trials a run has, and in what order."""

from collections import Counter
from itertools import chain, islice

import numpy as np
from fake_executor import KEYS, fake_run
from hypothesis import given
from hypothesis import strategies as st
from zc_bench.execution.trials import BLOCK, draw, leading_trials, trial_rounds

from zc_bench.spaces import space_registry
from zc_bench.spec import Spec
from zc_bench.tables import Table


def cells(keys):
    """Count trials by task and seed."""
    return Counter((key.task, key.seed) for key in keys)


class TestDraw:
    def test_every_seed_has_its_own_architectures(self):
        drawn = fake_run().drawn
        assert len({tuple(keys) for keys in drawn.values()}) == 3

    def test_tasks_with_the_same_truth_share_the_architectures_of_a_seed(self):
        drawn = fake_run().drawn
        assert all(drawn["a", seed] == drawn["b", seed] for seed in range(3))

    def test_a_smaller_draw_begins_a_larger_one(self):
        small, large = fake_run(samples=12).drawn, fake_run(samples=40).drawn
        assert all(large[cell][:12] == keys for cell, keys in small.items())

    def test_architectures_without_ground_truth_are_not_drawn(self):
        known = np.arange(60.0)
        run = fake_run(samples=5, truth={"a": np.where(known < 3, known, np.nan), "b": known})
        assert {key for seed in range(3) for key in run.drawn["a", seed]} == set(KEYS[:3])
        assert {cell: len(keys) for cell, keys in run.drawn.items()} == {
            (task, seed): count for task, count in (("a", 3), ("b", 5)) for seed in range(3)
        }

    def test_there_are_no_more_than_the_table_has(self):
        assert {len(keys) for keys in fake_run(samples=1000).drawn.values()} == {60}

    def test_dedup_draws_one_of_those_that_compute_the_same(self):
        space = space_registry["nb201"]
        # Nothing reaches the output of the second and the third but through the last edge.
        keys = (
            "(4, 1, 1, 1, 1, 2)",
            "(3, 1, 1, 1, 1, 2)",
            "(2, 1, 1, 1, 1, 2)",
            "(3, 3, 3, 3, 3, 3)",
        )
        forms = {space.canonical(space.parse(key)) for key in keys}
        table = Table("nb201", tuple(sorted(keys)), {"cifar10": np.arange(4.0)}, {"file": "none"})
        spec = Spec("nb201", ("cifar10",), samples=4, seeds=1)
        assert len(draw(spec, table)["cifar10", 0]) == 4
        (drawn,) = draw(Spec("nb201", ("cifar10",), samples=4, seeds=1, dedup=True), table).values()
        assert len(drawn) == len(forms) < 4
        assert {space.canonical(space.parse(key)) for key in drawn} == forms


class TestLaps:
    def test_first_give_ten_architectures_to_every_task_and_seed_in_turn(self):
        rounds = list(trial_rounds(fake_run(samples=12, seeds=2).drawn))
        first = rounds[: 4 * BLOCK]
        assert {len(round_) for round_ in first} == {1}
        turns = [(key.task, key.seed) for (key,) in first]
        assert turns == [
            cell for cell in (("a", 0), ("b", 0), ("a", 1), ("b", 1)) for _ in range(BLOCK)
        ]

    def test_then_hold_one_architecture_of_every_seed_for_every_task(self):
        rounds = list(trial_rounds(fake_run(samples=12).drawn))[6 * BLOCK :]
        assert len(rounds) == 2
        for round_ in rounds:
            assert [(key.seed, key.task) for key in round_] == [
                (seed, task) for seed in range(3) for task in ("a", "b")
            ]

    @given(
        st.integers(1, 25),
        st.integers(1, 3),
        st.lists(st.sampled_from("abc"), min_size=1, unique=True),
    )
    def test_hold_every_trial_once_in_the_order_of_the_draw(self, samples, seeds, tasks):
        run = fake_run(samples=samples, seeds=seeds, tasks=tuple(tasks))
        keys = list(chain.from_iterable(trial_rounds(run.drawn)))
        for (task, seed), drawn in run.drawn.items():
            assert [
                key.architecture for key in keys if (key.task, key.seed) == (task, seed)
            ] == drawn
        assert len(keys) == samples * seeds * len(tasks)

    @given(st.integers(0, 200))
    def test_whoever_stops_between_two_has_ten_or_the_same_everywhere(self, stop):
        run = fake_run(samples=25)
        counts = cells(chain.from_iterable(islice(trial_rounds(run.drawn), stop))).values()
        if stop <= 6 * BLOCK:
            assert sum(0 < count < BLOCK for count in counts) <= 1
        else:
            assert len(set(counts)) == 1

    def test_end_earlier_for_a_task_with_fewer_architectures(self):
        known = np.arange(60.0)
        run = fake_run(
            samples=30, seeds=1, truth={"a": np.where(known < 12, known, np.nan), "b": known}
        )
        rounds = list(trial_rounds(run.drawn))
        assert cells(chain.from_iterable(rounds)) == {("a", 0): 12, ("b", 0): 30}
        assert [[key.task for key in round_] for round_ in rounds[20:24]] == [
            ["a", "b"],
            ["a", "b"],
            ["b"],
            ["b"],
        ]


class TestLeadingTrials:
    def test_are_ten_architectures_of_every_task_with_the_first_seed(self):
        run = fake_run(samples=12, seeds=2)
        leading = leading_trials(run.drawn)
        assert cells(leading) == {("a", 0): BLOCK, ("b", 0): BLOCK}
        assert leading == [key for (key,) in islice(trial_rounds(run.drawn), 2 * BLOCK)]
