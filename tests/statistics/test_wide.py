import math

import numpy as np
import pandas as pd
import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.statistics.wide import widen

UP = {"up": True, "down": False, "sparse": True}


def rows(scores, status=None, *, truth=(1.0, 2.0, 3.0, 4.0), proxy="up", task="cifar10", seed=0):
    """Make tidy rows, one architecture per score."""
    return pd.DataFrame(
        {
            "space": "nb201",
            "task": task,
            "architecture": [f"({index},)" for index in range(len(scores))],
            "seed": seed,
            "proxy": proxy,
            "score": scores,
            "status": status or "done",
            "truth": truth,
        }
    )


def test_turns_scores_so_that_higher_is_better():
    both = pd.concat([rows([1.0, 2.0, 3.0, 4.0]), rows([1.0, 2.0, 3.0, 4.0], proxy="down")])
    (wide,) = widen(both, higher_is_better=UP)
    assert (wide.space, wide.task, wide.seed, wide.left_out, wide.proxies_left_out) == (
        "nb201",
        "cifar10",
        0,
        0,
        (),
    )
    assert wide.scores.to_dict("list") == {"down": [-1, -2, -3, -4], "up": [1, 2, 3, 4]}
    assert wide.truth.tolist() == [1, 2, 3, 4]
    assert list(wide.truth.index) == list(wide.scores.index) == ["(0,)", "(1,)", "(2,)", "(3,)"]


@pytest.mark.parametrize("proxy", ["up", "down"])
def test_invalid_scores_rank_worst_or_are_dropped(proxy):
    one = rows([5.0, math.nan, 6.0, 7.0], ["done", "invalid", "done", "done"], proxy=proxy)
    (worst,) = widen(one, higher_is_better=UP, invalid="worst")
    assert worst.scores[proxy]["(1,)"] == -math.inf
    assert worst.left_out == 0
    (dropped,) = widen(one, higher_is_better=UP, invalid="drop")
    assert list(dropped.scores.index) == list(dropped.truth.index) == ["(0,)", "(2,)", "(3,)"]
    assert dropped.left_out == 1


@pytest.mark.parametrize("status", ["failed", "undefined", "out_of_memory"])
def test_an_architecture_that_lacks_one_score_is_left_out_for_all(status):
    lacking = rows([1.0, math.nan, 3.0, 4.0], ["done", status, "done", "done"], proxy="down")
    (wide,) = widen(pd.concat([rows([1.0, 2.0, 3.0, 4.0]), lacking]), higher_is_better=UP)
    assert wide.scores.shape == (3, 2)
    assert wide.left_out == 1


def test_an_architecture_without_a_row_lacks_its_score_as_well():
    (wide,) = widen(
        pd.concat([rows([1.0, 2.0, 3.0, 4.0]), rows([1.0] * 4, proxy="down")[:3]]),
        higher_is_better=UP,
    )
    assert list(wide.scores.index) == ["(0,)", "(1,)", "(2,)"]


def test_a_proxy_that_lacks_most_scores_is_left_out_itself():
    sparse = rows([1.0, *[math.nan] * 3], ["done", *["undefined"] * 3], proxy="sparse")
    half = rows([1.0, 2.0, math.nan, math.nan], ["done", "done", "failed", "failed"], proxy="down")
    (wide,) = widen(pd.concat([rows([1.0, 2.0, 3.0, 4.0]), sparse, half]), higher_is_better=UP)
    assert wide.proxies_left_out == ("sparse",)
    assert wide.scores.shape == (2, 2)
    assert wide.left_out == 2


def test_architectures_without_truth_do_not_count():
    (wide,) = widen(
        rows([1.0, 2.0, 3.0, 4.0], truth=[1.0, math.nan, 3.0, 4.0]), higher_is_better=UP
    )
    assert list(wide.scores.index) == ["(0,)", "(2,)", "(3,)"]
    assert wide.left_out == 0


def test_one_matrix_per_space_task_and_seed_whatever_the_order_of_rows():
    many = pd.concat(
        [
            rows(np.arange(4.0) + seed, task=task, seed=seed)
            for task in ("b", "a")
            for seed in (1, 0)
        ]
    )
    for frame in (many, many[::-1]):
        wides = widen(frame, higher_is_better=UP)
        assert [(wide.task, wide.seed) for wide in wides] == [
            ("a", 0),
            ("a", 1),
            ("b", 0),
            ("b", 1),
        ]
        assert [wide.scores["up"].tolist()[0] for wide in wides] == [0, 1, 0, 1]


def test_refuses_two_scores_of_a_trial():
    one = rows([1.0, 2.0, 3.0, 4.0])
    with pytest.raises(
        ZcBenchError,
        match=r"up of \(0,\) \(cifar10, seed 0\) has more than one score: expected one",
    ):
        widen(pd.concat([one, one]), higher_is_better=UP)


def test_refuses_what_correlate_refuses():
    with pytest.raises(ZcBenchError, match="No direction was declared for up"):
        widen(rows([1.0, 2.0, 3.0, 4.0]), higher_is_better={})
