import math

import pytest
import torch

from zc_bench.inputs import find_images
from zc_bench.lab import Lab
from zc_bench.search import Limits, Scorer
from zc_bench.spaces import spaces
from zc_bench.spec import Protocol
from zc_bench.store import Store, TrialKey
from zc_bench.tasks import tasks

SPACE = spaces["nb201"]
SMALL, LARGE = (SPACE.parse(key) for key in ("(0, 1, 1, 0, 1, 4)", "(2, 2, 2, 2, 2, 2)"))


@pytest.fixture
def lab():
    return Lab(
        "nb201", Protocol(batch_size=2), {"cifar10": find_images(tasks["cifar10"], "noise")}, torch.device("cpu")
    )


@pytest.fixture
def store(tmp_path, lab):
    with Store(tmp_path / "scores.h5", lab.identity(), {}) as store:
        yield store


def test_scores_are_those_of_a_run_with_that_seed_and_lie_in_the_store(lab, store):
    (candidate,) = Scorer(lab, store, "cifar10", ["swap", "params"], 3)([LARGE])
    key = TrialKey("cifar10", LARGE.key, 3)
    expected = lab.observe(key, ["swap", "params"]).scores
    assert candidate.values == (expected["swap"].value, expected["params"].value)
    assert store.contents.trials[key].scores["swap@1"].value == expected["swap"].value


def test_what_is_in_the_store_is_not_computed_again(lab, store, monkeypatch):
    scorer = Scorer(lab, store, "cifar10", ["params"], 0)
    first = scorer([SMALL])
    monkeypatch.setattr(Lab, "observe", None)
    assert scorer([SMALL]) == first


def test_what_is_too_large_is_not_scored_and_comes_last(lab, store):
    size = SPACE.parameters(LARGE, tasks["cifar10"])
    scorer = Scorer(lab, store, "cifar10", ["swap"], 0, Limits(parameters=size - 1))
    small, large = scorer([SMALL, LARGE])
    assert small.values[0] > 0
    assert large.values == (-math.inf,)
    assert TrialKey("cifar10", LARGE.key, 0) not in store.contents.trials
    assert Scorer(lab, store, "cifar10", ["params"], 0, Limits(parameters=size))([LARGE])[0].values[0] > 0


def test_operations_have_a_limit_too(lab, store):
    flops = lab.observe(TrialKey("cifar10", LARGE.key, 0), ["flops"]).scores["flops"].value * 1e6
    for limit, fits in ((math.ceil(flops), True), (math.floor(flops) - 1, False)):
        (candidate,) = Scorer(lab, store, "cifar10", ["l2_norm"], 0, Limits(multiply_adds=limit))([LARGE])
        assert (candidate.values[0] > -math.inf) == fits
    assert Scorer(lab, store, "cifar10", ["l2_norm"], 0, Limits(multiply_adds=limit))([SMALL])[0].values[0] > 0


def test_a_score_that_is_invalid_comes_last(lab, store):
    nothing = SPACE.parse("(1, 1, 1, 1, 1, 1)")
    assert Scorer(lab, store, "cifar10", ["jacov"], 0)([nothing])[0].values == (-math.inf,)
