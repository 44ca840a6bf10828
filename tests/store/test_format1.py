"""Stores of format 1: read equal, journal included.

What depended on all depends on what is read; nothing is lost.
"""

import json
import math
from pathlib import Path

import h5py
import numpy as np
import pytest
from format1_writer import journal_line, write_format1

from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.store import (
    Agreement,
    Store,
    TrialKey,
    migrate,
    read_store,
    with_derived,
)
from zc_bench.store.journal import journal_path as journal
from zc_bench.tasks import task_registry

SPACE = space_registry["nb201"]
KEYS = ["(4, 0, 3, 1, 4, 3)", "(2, 2, 2, 2, 2, 2)", "(0, 0, 0, 0, 0, 0)"]
MU, SIGMA = 1.101466, 1.2132273491560002
PROTOCOL = {"space": "nb201", "batch_size": 4, "augment": True, "repeats": 1, "weights": "space"}
IDENTITY = {
    "protocol": PROTOCOL,
    "cifar10": {"images": "21883b", "mu": MU, "sigma": SIGMA, "unit": "M"},
}
ABOUT = {"regularisation": {"cifar10": {"mu": MU, "sigma": SIGMA, "unit": "M"}}, "who": "ich"}


def done(value, seconds=0.25):
    return Score(value, Status.DONE, "", seconds)


def size(key):
    return SPACE.parameters(SPACE.parse(key), task_registry["cifar10"])


def bell(key):
    """Write the bell out, as format 1 had it: P in millions."""
    return math.exp(-((size(key) / 1e6 - MU) ** 2) / SIGMA)


def row(key, swap, **more):
    """Return the scores of a trial, as a run of the time gave them."""
    return {
        "swap@1": done(swap),
        "params@1": done(size(key) / 1e6),
        "reg_swap@1": done(int(swap) * bell(key)),
        **more,
    }


TRIALS = {
    ("cifar10", KEYS[0], 0): row(KEYS[0], 977.0, **{"snip@1": done(3.5)}),
    ("cifar10", KEYS[1], 0): row(KEYS[1], 1013.0),
    ("cifar10", KEYS[2], 0): dict.fromkeys(
        ("swap@1", "reg_swap@1"), Score(math.nan, Status.INVALID, "no ReLU", 0.5)
    )
    | {"params@1": done(size(KEYS[2]) / 1e6)},
}


@pytest.fixture
def old(tmp_path):
    """A store of format 1 with a trial in its journal."""
    path = tmp_path / "scores.h5"
    *filed, (key, scores) = TRIALS.items()
    write_format1(path, IDENTITY, ABOUT, dict(filed))
    journal(path).write_text(journal_line(key, scores))
    return path


def scores_of(contents):
    return {
        (key.task, key.architecture, key.seed): {
            column: (repr(score.value), score.status, score.reason)
            for column, score in trial.scores.items()
        }
        for key, trial in contents.trials.items()
    }


def expected():
    return {
        key: {c: (repr(s.value), s.status, s.reason) for c, s in scores.items()}
        for key, scores in TRIALS.items()
    }


class TestRead:
    def test_with_derived_scores_it_holds_what_it_held_to_the_last_bit(self, old):
        assert scores_of(with_derived(read_store(old))) == expected()

    def test_derived_columns_are_not_among_those_that_are_stored(self, old):
        assert read_store(old).columns() == ["params@1", "snip@1", "swap@1"]

    def test_columns_rest_on_what_their_passes_read(self, old):
        fingerprints = read_store(old).fingerprints
        assert fingerprints["swap@1"] == {"protocol": PROTOCOL, "cifar10": {"images": "21883b"}}
        assert fingerprints["params@1"] == {"protocol": {"space": "nb201"}}

    def test_a_run_with_another_mu_goes_on(self, old):
        record = {"regularisation": {"cifar10": {"mu": 0.5, "sigma": 0.25, "unit": "M"}}}
        with Store(old, read_store(old).fingerprints, record) as store:
            assert (
                store.missing(
                    TrialKey("cifar10", KEYS[0], 0), {"swap": "swap@1", "params": "params@1"}
                )
                == []
            )
        found = with_derived(read_store(old)).trials[TrialKey("cifar10", KEYS[0], 0)]
        twin = 977 * math.e ** (-((size(KEYS[0]) / 1e6 - 0.5) ** 2) / 0.25)
        assert found.scores["reg_swap@1"].value == pytest.approx(twin, rel=1e-12)

    def test_without_scores_of_reg_swap_none_are_shown(self, tmp_path):
        trials = {("cifar10", KEYS[0], 0): {"swap@1": done(5.0), "params@1": done(1.0)}}
        write_format1(tmp_path / "a.h5", IDENTITY, ABOUT, trials)
        assert with_derived(read_store(tmp_path / "a.h5")).columns() == ["params@1", "swap@1"]


class TestRecovered:
    """A search of the time kept scores of reg_swap alone."""

    def read(self, tmp_path, score, protocol=PROTOCOL):
        trials = {("cifar10", KEYS[0], 0): {"reg_swap@1": score}}
        write_format1(tmp_path / "a.h5", {**IDENTITY, "protocol": protocol}, ABOUT, trials)
        return with_derived(read_store(tmp_path / "a.h5")).trials[TrialKey("cifar10", KEYS[0], 0)]

    @pytest.mark.parametrize("swap", [1, 977, 24_001, 10**7 + 1])
    def test_swap_and_params_follow_from_it(self, tmp_path, swap):
        scores = self.read(tmp_path, done(swap * bell(KEYS[0]))).scores
        assert scores["swap@1"].value == swap
        assert scores["params@1"].value == size(KEYS[0]) / 1e6
        assert scores["reg_swap@1"].value == swap * bell(KEYS[0])

    def test_what_is_no_multiple_of_the_bell_is_left_out(self, tmp_path):
        assert self.read(tmp_path, done(977.3 * bell(KEYS[0]))).scores == {}

    def test_the_mean_of_repeats_is_left_out(self, tmp_path):
        repeated = self.read(tmp_path, done(977 * bell(KEYS[0])), {**PROTOCOL, "repeats": 2})
        assert repeated.scores == {}

    def test_swap_has_the_status_of_reg_swap_but_for_a_bell_of_zero(self, tmp_path):
        invalid = Score(math.nan, Status.INVALID, "no ReLU", 0.5)
        assert self.read(tmp_path, invalid).scores["swap@1"].reason == "no ReLU"
        zero = Score(math.nan, Status.INVALID, "the bell is zero at 5 parameters: ...", 0.5)
        assert self.read(tmp_path, zero).scores == {}


def nothing_compared(_contents):
    return Agreement()


class TestMigrate:
    def test_holds_the_same_in_format_2_and_keeps_the_old_one(self, old):
        before, lines = old.read_bytes(), journal(old).read_bytes()
        done_ = migrate(old, nothing_compared)
        with h5py.File(old) as file:
            assert file.attrs["format"] == 2
            assert sorted(file["scores"]) == ["params@1", "snip@1", "swap@1"]
        assert scores_of(with_derived(read_store(old))) == expected()
        assert not journal(old).exists()
        assert done_.backup == old.with_name("scores.previous.h5")
        assert done_.backup.read_bytes() == before
        assert journal(done_.backup).read_bytes() == lines
        assert str(done_.derived) == "3 of 3 scores agree, 3 to the last bit"

    def test_scores_that_would_be_lost_are_named_and_the_store_is_as_before(self, tmp_path):
        trials = {("cifar10", KEYS[0], 0): row(KEYS[0], 977.0) | {"reg_swap@1": done(7.0)}}
        path = tmp_path / "a.h5"
        write_format1(path, IDENTITY, ABOUT, trials)
        before = path.read_bytes()
        with pytest.raises(ZcBenchError, match="1 scores of reg_swap do not follow from swap and"):
            migrate(path, nothing_compared)
        assert path.read_bytes() == before
        assert [item.name for item in tmp_path.glob("*.h5")] == ["a.h5"]

    def test_a_second_time_there_is_nothing_to_migrate(self, old):
        migrate(old, nothing_compared)
        with pytest.raises(ZcBenchError, match="has format 2 already: there is nothing to migrate"):
            migrate(old, nothing_compared)

    def test_one_that_another_process_writes_to_is_refused(self, old):
        with (
            Store(old, {}, {}),
            pytest.raises(ZcBenchError, match="Another process is writing to"),
        ):
            migrate(old, nothing_compared)


@pytest.mark.data
@pytest.mark.parametrize("space", ["nb101", "nb301"])
def test_real_stores_read_equal(space, shared_folder):
    path = Path(shared_folder, "data", "stores", f"{space}.h5")
    with h5py.File(path) as file:
        if file.attrs["format"] != 1:
            pytest.skip("the stores beside the repository were migrated")
        column = {name: file[f"scores/reg_swap@1/{name}"][:] for name in ("value", "status")}
        assert json.loads(file.attrs["identity"])["protocol"]["repeats"] == 1
    contents = with_derived(read_store(path))
    keys = sorted(contents.trials)
    for key, value, code in zip(keys, column["value"], column["status"], strict=True):
        if code == 1:
            found = contents.trials[key].scores["reg_swap@1"].value
            assert np.float64(found).tobytes() == np.float64(value).tobytes()
