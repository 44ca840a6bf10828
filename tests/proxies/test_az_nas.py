"""The aggregate of AZ-NAS, and what becomes of sets that are small, partial or have invalid scores."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks import quick
from reference.az_nas import az_nas as twin
from zc_bench import ZcBenchError
from zc_bench.engine.derived import derive, derive_one
from zc_bench.engine.scores import Score, Status
from zc_bench.proxies.az_nas import az_nas
from zc_bench.searches.run import SearchSpec

INPUTS = ("az_expressivity", "az_progressivity", "az_trainability", "flops")


def done(value: float) -> Score:
    return Score(value, Status.DONE, "", 0.0)


def lacking(status: Status) -> Score:
    return Score(math.nan, status, "for a reason", 0.0)


def columns(*rows: Score) -> dict[str, list[Score]]:
    """Give every input the same scores, except that flops are always done."""
    counts = [done(float(place)) for place in range(len(rows))]
    return {name: list(rows) for name in INPUTS[:3]} | {"flops": counts}


@quick
@given(
    st.integers(1, 9).flatmap(
        lambda count: st.lists(
            st.lists(
                st.sampled_from([-math.inf, -1.0, 0.0, 0.5, 2.0]), min_size=count, max_size=count
            ),
            min_size=4,
            max_size=4,
        )
    )
)
def test_it_equals_its_twin(lists: list[list[float]]) -> None:
    assert az_nas(*map(np.array, lists)).tolist() == pytest.approx(twin(lists), abs=1e-12)


def test_by_hand() -> None:
    # Ranks of the first: 1, 2, 1.5, 2, of two.
    found = az_nas(*map(np.array, ([0.0, 1.0], [1.0, 0.0], [3.0, 3.0], [2.0, 1.0])))
    assert found[0] == pytest.approx(math.log(1 / 2) + math.log(1.5 / 2))


def test_an_invalid_score_ranks_lowest() -> None:
    found = derive(["az_nas"], columns(done(5.0), lacking(Status.INVALID), done(1.0)))["az_nas"]
    # Ranks 3, 1, 2 of three; those of flops are 1, 2, 3.
    expected = [math.log(1 / 3), 3 * math.log(1 / 3) + math.log(2 / 3), 3 * math.log(2 / 3)]
    assert [score.value for score in found] == pytest.approx(expected)


def test_it_says_how_many_were_compared_and_leaves_out_what_lacks_an_input() -> None:
    scores = columns(done(5.0), lacking(Status.FAILED), done(1.0), lacking(Status.UNDEFINED))
    first, failed, third, undefined = derive(["az_nas"], scores)["az_nas"]
    assert first.reason == third.reason == "compared with each other: 2 architectures"
    assert first.value == pytest.approx(4 * math.log(2 / 2) + math.log(1 / 2))
    assert (failed.status, undefined.status) == (Status.FAILED, Status.UNDEFINED)


def test_a_single_architecture_has_none() -> None:
    found = derive_one(["az_nas"], dict.fromkeys(INPUTS, done(1.0)))["az_nas"]
    assert found.status is Status.UNDEFINED
    assert "here is only one" in found.reason


def test_a_search_refuses_it() -> None:
    with pytest.raises(ZcBenchError, match="az_nas compares the architectures of a set"):
        SearchSpec("nb201", "cifar10", ("az_nas",))
