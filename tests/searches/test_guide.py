import math

import pytest
import torch

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.execution import LocalExecutor
from zc_bench.images import find_images
from zc_bench.searches import Guide, Limits
from zc_bench.spaces import space_registry
from zc_bench.spec import Protocol
from zc_bench.store import Store, TrialKey
from zc_bench.tasks import task_registry

SPACE = space_registry["nb201"]
SMALL, LARGE = (SPACE.parse(key) for key in ("(0, 1, 1, 0, 1, 4)", "(2, 2, 2, 2, 2, 2)"))


@pytest.fixture
def scorer():
    return ArchitectureScorer(
        "nb201",
        Protocol(batch_size=2),
        {"cifar10": find_images(task_registry["cifar10"], "noise")},
        torch.device("cpu"),
    )


@pytest.fixture
def store(tmp_path, scorer):
    with Store(
        tmp_path / "scores.h5",
        scorer.fingerprints(("swap", "params", "l2_norm", "flops", "jacov")),
        {},
    ) as store:
        yield store


def test_scores_are_those_of_a_run_with_that_seed_and_lie_in_the_store(scorer, store):
    (candidate,) = Guide(scorer, store, "cifar10", ["swap", "params"], 3)([LARGE])
    key = TrialKey("cifar10", LARGE.key, 3)
    expected = scorer.score(key, ["swap", "params"]).scores
    assert candidate.values == (expected["swap"].value, expected["params"].value)
    assert store.contents.trials[key].scores["swap@1"].value == expected["swap"].value


def test_what_is_in_the_store_is_not_computed_again(scorer, store, monkeypatch):
    guide = Guide(scorer, store, "cifar10", ["params"], 0)
    first = list(guide([SMALL]))
    monkeypatch.setattr(ArchitectureScorer, "score", None)
    assert list(guide([SMALL])) == first


def test_what_is_too_large_is_not_scored_and_comes_last(scorer, store):
    size = SPACE.parameters(LARGE, task_registry["cifar10"])
    guide = Guide(scorer, store, "cifar10", ["swap"], 0, Limits(parameters=size - 1))
    small, large = guide([SMALL, LARGE])
    assert small.values[0] > 0
    assert large.values == (-math.inf,)
    assert TrialKey("cifar10", LARGE.key, 0) not in store.contents.trials
    assert (
        next(
            Guide(scorer, store, "cifar10", ["params"], 0, Limits(parameters=size))([LARGE])
        ).values[0]
        > 0
    )


def test_operations_have_a_limit_too(scorer, store):
    flops = scorer.score(TrialKey("cifar10", LARGE.key, 0), ["flops"]).scores["flops"].value * 1e6
    for limit, fits in ((math.ceil(flops), True), (math.floor(flops) - 1, False)):
        (candidate,) = Guide(scorer, store, "cifar10", ["l2_norm"], 0, Limits(multiply_adds=limit))(
            [LARGE]
        )
        assert (candidate.values[0] > -math.inf) == fits
    assert (
        next(
            Guide(scorer, store, "cifar10", ["l2_norm"], 0, Limits(multiply_adds=limit))([SMALL])
        ).values[0]
        > 0
    )


def test_a_score_that_is_invalid_comes_last(scorer, store):
    nothing = SPACE.parse("(1, 1, 1, 1, 1, 1)")
    assert next(Guide(scorer, store, "cifar10", ["jacov"], 0)([nothing])).values == (-math.inf,)


class Backwards:
    """An executor that takes all jobs at once, and finishes them in reverse."""

    def __init__(self, scorer):
        self.here, self.taken = LocalExecutor(scorer.device), []

    def run(self, jobs):
        taken = list(jobs)
        self.taken.append([item.key.architecture for item in taken])
        return self.here.run(reversed(taken))


def test_workers_get_at_once_what_is_asked_for_at_once_and_may_finish_in_any_order(scorer, store):
    backwards = Backwards(scorer)
    alone = list(Guide(scorer, store, "cifar10", ["params"], 0)([SMALL]))
    middle = SPACE.parse("(3, 3, 3, 3, 3, 3)")
    limits = Limits(parameters=10**9, multiply_adds=10**9)
    scored = list(
        Guide(scorer, store, "cifar10", ["params"], 0, limits, backwards)([LARGE, SMALL, middle])
    )
    assert [item.architecture for item in scored] == [LARGE, SMALL, middle]
    assert scored[1] == alone[0]
    assert [item.values[0] for item in scored] == [
        scorer.score(TrialKey("cifar10", item.key, 0), ["params"]).scores["params"].value
        for item in (LARGE, SMALL, middle)
    ]
    # First the operations of all three, then the guide where it is not known yet.
    assert backwards.taken == [[LARGE.key, SMALL.key, middle.key], [LARGE.key, middle.key]]


def test_a_candidate_is_there_before_the_next_is_scored(scorer, store):
    list_of_two = Guide(scorer, store, "cifar10", ["params"], 0)([SMALL, LARGE])
    assert next(list_of_two).architecture == SMALL
    assert [key.architecture for key in store.contents.trials] == [SMALL.key]


def test_what_fails_comes_last_and_is_tried_again(scorer, store, monkeypatch):
    observe = ArchitectureScorer.score
    monkeypatch.setattr(ArchitectureScorer, "score", lambda _self, _key, names: fake(names))
    guide = Guide(scorer, store, "cifar10", ["params"], 0)
    assert next(guide([SMALL])).values == (-math.inf,)
    monkeypatch.setattr(ArchitectureScorer, "score", observe)
    assert next(guide([SMALL])).values[0] > 0


def fake(names):
    return JobResult({name: Score(math.nan, Status.FAILED, "", 0.0) for name in names}, {})
