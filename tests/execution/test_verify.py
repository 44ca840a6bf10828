"""Stored scores, computed again: those that are right agree, one that is wrong is named."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny import compute, tiny

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.scores import Score, Status
from zc_bench.execution import verify
from zc_bench.execution.verify import alike
from zc_bench.store import Row, read_store

pytestmark = pytest.mark.usefixtures("data_folder")


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    """A store of two seeds and three architectures."""
    path = tmp_path_factory.mktemp("computed") / "scores.h5"
    compute(tiny(), path)
    return read_store(path)


def changed(contents, column):
    trials = {
        key: Row({**row.scores, column: replace(row.scores[column], value=5.0)})
        for key, row in contents.trials.items()
    }
    return replace(contents, trials=trials)


def test_all_scores_of_a_sample_agree_to_the_last_bit(contents):
    found = verify(contents, trials=2)
    assert (found.compared, found.equal, found.differences) == (6, 6, [])


def test_no_sample_compares_nothing(contents):
    assert verify(contents, trials=0).compared == 0


def test_one_that_is_wrong_is_named(contents):
    found = verify(changed(contents, "swap@1"), trials=1, generator=np.random.default_rng(0))
    assert (found.compared, found.equal) == (3, 2)
    assert found.differences[0].startswith("swap of (")
    assert " is 5 there, " in found.differences[0]


def test_what_rests_on_images_that_are_not_here_is_not_compared(contents):
    assert (
        verify(contents, trials=1, inputs="absent.npz").compared == 3
    )  # noise stands in, and it was noise
    fingerprints = {
        column: said | ({"cifar10": {"images": "of others"}} if "cifar10" in said else {})
        for column, said in contents.fingerprints.items()
    }
    assert verify(replace(contents, fingerprints=fingerprints), trials=1).compared == 1


def test_it_is_computed_with_the_threads_on_record(contents, monkeypatch):
    asked, before = [], torch.get_num_threads()
    score = ArchitectureScorer.score

    def recording(self, key, names):
        asked.append(torch.get_num_threads())
        return score(self, key, names)

    monkeypatch.setattr(ArchitectureScorer, "score", recording)
    provenance = {**contents.provenance, "environment": {"threads": before + 1}}
    verify(replace(contents, provenance=provenance), trials=1)
    assert asked == [before + 1]
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("stored", "computed", "agree"),
    [
        (Score(1.0, Status.DONE, "", 0), Score(1.0005, Status.DONE, "", 0), True),
        (Score(1.0, Status.DONE, "", 0), Score(1.01, Status.DONE, "", 0), False),
        (Score(1.0, Status.DONE, "", 0), Score(0.0, Status.INVALID, "", 0), False),
        (Score(0.0, Status.INVALID, "", 0), Score(0.0, Status.INVALID, "", 0), True),
        (Score(1.0, Status.DONE, "", 0), Score(0.0, Status.FAILED, "", 0), True),
    ],
)
def test_rounding_apart(stored, computed, agree):
    assert alike(stored, computed) is agree
