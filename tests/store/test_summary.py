"""A store in figures, against counting by hand."""

import math

import pandas as pd

from zc_bench.engine.scores import Score, Status
from zc_bench.store import Contents, Row, TrialKey, summary


def score(status, seconds):
    return Score(1.0 if status is Status.DONE else math.nan, status, "", seconds)


CONTENTS = Contents(
    {},
    {},
    {
        TrialKey("b", "x", 0): Row(
            {"zen@1": score(Status.DONE, 1.0), "zen@2": score(Status.FAILED, 3.0)},
            {"forward": 1.0, "slow": 5.0},
            {"forward": 10},
        ),
        TrialKey("a", "x", 0): Row(
            {"zen@1": score(Status.INVALID, 2.0)}, {"forward": 2.0}, {"forward": 30}
        ),
        TrialKey("a", "y", 0): Row({}, {}),
        TrialKey("a", "y", 3): Row({"zen@1": score(Status.DONE, 6.0)}, {"forward": 3.0}),
    },
)


def test_statuses_are_counted_by_column():
    counts = summary.statuses(CONTENTS)
    assert list(counts) == [
        "done",
        "invalid",
        "undefined",
        "failed",
        "out_of_memory",
        "pending",
        "seconds",
    ]
    assert counts.loc["zen@1"].tolist() == [2, 1, 0, 0, 0, 1, 3.0]
    assert counts.loc["zen@2"].tolist() == [0, 0, 0, 1, 0, 3, 3.0]


def test_passes_are_added_up():
    costs = summary.passes(CONTENTS)
    assert costs.index.tolist() == ["forward", "slow"]
    assert costs.loc["forward"].tolist() == [3, 2.0, 6.0, 30.0]
    assert costs.loc["slow"].tolist()[:3] == [1, 5.0, 5.0]
    assert pd.isna(costs.loc["slow", "peak_bytes"])


def test_trials_are_counted_by_task_and_seed():
    counts = summary.trials(CONTENTS)
    assert (counts.index.tolist(), counts.columns.tolist()) == (["a", "b"], [0, 3])
    assert counts.to_numpy().tolist() == [[2, 1], [1, 0]]


def test_an_empty_store_has_none():
    empty = Contents({}, {})
    assert summary.statuses(empty).empty
    assert summary.passes(empty).empty
    assert summary.trials(empty).empty
