"""The form of NAS-Bench-Suite-Zero: what a value of it holds, for one seed and for several."""

import math

import numpy as np
import pytest

from zc_bench.engine.scores import Score, Status
from zc_bench.store import Contents, Row, TrialKey
from zc_bench.store.suite_zero import suite_zero
from zc_bench.tables import Table

A, B = "(0, 0, 0, 0, 0, 0)", "(4, 0, 3, 1, 4, 3)"


def done(value, seconds=0.0):
    return Score(value, Status.DONE, "", seconds)


def holding(*trials):
    """Return a store of trials, given as task, architecture, seed, scores and pass seconds."""
    return Contents(
        {}, {}, {TrialKey(*key): Row(scores, passes) for *key, scores, passes in trials}
    )


def table(**metrics):
    return Table(
        "nb201", (A, B), {task: np.array(values) for task, values in metrics.items()}, {"file": "x"}
    )


def test_has_the_published_form():
    contents = holding(
        ("cifar10", B, 0, {"params@1": done(5.0, 0.25)}, {}),
        ("cifar10", A, 0, {"params@1": done(3.0, 0.5)}, {}),
        ("cifar100", B, 0, {"params@1": done(7.0, 1.0)}, {}),
    )
    assert suite_zero(contents, table(cifar10=[10.0, 94.0], cifar100=[1.0, math.nan])) == {
        "cifar10": {
            A: {"id": "0", "val_accuracy": 10.0, "params": {"score": 3.0, "time": 0.5}},
            B: {"id": "1", "val_accuracy": 94.0, "params": {"score": 5.0, "time": 0.25}},
        },
        "cifar100": {B: {"id": "0", "params": {"score": 7.0, "time": 1.0}}},
    }


def test_time_counts_the_passes_on_which_a_proxy_rests_and_no_others():
    passes = {"forward": 1.0, "loss_gradients": 2.0, "input_jacobian": 4.0, "build": 8.0}
    scores = {"snip@1": done(1.0, 0.5), "jacov@1": done(1.0, 0.25), "unknown@1": done(1.0, 0.125)}
    trial = suite_zero(holding(("cifar10", A, 0, scores, passes)), None)["cifar10"][A]
    assert {name: trial[name]["time"] for name in ("snip", "jacov", "unknown")} == {
        "snip": 3.5,
        "jacov": 5.25,
        "unknown": 0.125,
    }


SEEDS = holding(
    (
        "cifar10",
        A,
        0,
        {"snip@1": done(1.0, 1.0), "zen@1": Score(math.nan, Status.INVALID, "0/0", 0.0)},
        {},
    ),
    ("cifar10", A, 1, {"snip@1": done(4.0, 2.0), "zen@1": done(2.0, 0.5)}, {}),
    (
        "cifar10",
        A,
        2,
        {"snip@1": done(4.0, 3.0), "zen@1": Score(math.nan, Status.FAILED, "boom", 9.0)},
        {},
    ),
)


def test_is_the_mean_of_the_seeds_in_which_a_score_is_done():
    trial = suite_zero(SEEDS, None)["cifar10"][A]
    assert trial == {
        "id": "0",
        "snip": {"score": 3.0, "time": 2.0},
        "zen": {"score": 2.0, "time": 0.5},
    }


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        (0, {"id": "0", "snip": {"score": 1.0, "time": 1.0}}),
        (1, {"id": "0", "snip": {"score": 4.0, "time": 2.0}, "zen": {"score": 2.0, "time": 0.5}}),
    ],
)
def test_is_that_of_one_seed_if_asked(seed, expected):
    assert suite_zero(SEEDS, None, seed)["cifar10"][A] == expected


def test_the_latest_version_counts():
    scores = {"snip@10": done(10.0), "snip@9": done(9.0)}
    assert (
        suite_zero(holding(("cifar10", A, 0, scores, {})), None)["cifar10"][A]["snip"]["score"]
        == 10.0
    )


def test_a_task_or_an_architecture_without_ground_truth_has_none():
    contents = holding(("svhn", A, 0, {}, {}), ("cifar10", "(9, 9)", 0, {}, {}))
    assert suite_zero(contents, table(cifar10=[1.0, 2.0])) == {
        "cifar10": {"(9, 9)": {"id": "0"}},
        "svhn": {A: {"id": "0"}},
    }
