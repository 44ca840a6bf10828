"""Costs: means by kind, and the warming up that is forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zc_bench.execution.costs import DIFFERENTIATING, Costs

KINDS = [(task, ("swap",)) for task in "abc"]
TIMES = st.lists(st.tuples(st.sampled_from(KINDS), st.floats(0.01, 100)), min_size=1, max_size=20)


class TestCosts:
    def test_nothing_is_known_at_first(self):
        costs = Costs()
        assert not costs
        assert KINDS[0] not in costs
        assert costs.of(KINDS[0]) == 0.0

    def test_the_first_trial_counts_until_there_is_another(self):
        costs = Costs()
        costs.add(KINDS[0], 10.0)
        assert costs.of(KINDS[0]) == costs.of(KINDS[1]) == 10.0
        costs.add(KINDS[1], 1.0)
        assert costs.of(KINDS[0]) == costs.of(KINDS[1]) == 1.0
        assert KINDS[0] not in costs

    @given(TIMES, TIMES)
    def test_are_means_of_their_like_or_of_all(self, warming, times):
        costs = Costs(len(warming))
        for kind, seconds in warming + times:
            costs.add(kind, seconds)
        for kind in KINDS:
            like = [seconds for other, seconds in times if other == kind]
            expected = like or [seconds for _, seconds in times]
            assert costs.of(kind) == pytest.approx(sum(expected) / len(expected))
            assert (kind in costs) == bool(like)

    def test_the_first_that_differentiates_is_taken_for_a_multiple(self):
        costs = Costs(0)
        costs.add(("a", ("swap", "params")), 2.0)
        assert costs.of(("b", ("nwot",))) == 2.0
        assert costs.of(("b", ("snip", "grasp"))) == DIFFERENTIATING * 2.0
        costs.add(("a", ("snip", "grasp")), 7.0)
        assert costs.of(("b", ("fisher", "params"))) == 7.0
        assert costs.of(("b", ("nwot",))) == 2.0
