"""Shipped scores: read if their dependencies are equal, verified first, and never in place of stored scores."""

import dataclasses
import math
import shutil

import numpy as np
import pytest
import torch
from tiny import compute, tiny

from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.execution import LocalExecutor, read_shipped, resolve
from zc_bench.execution.shipped import contradiction, find_shipped
from zc_bench.store import Row, Store, read_store
from zc_bench.store.sources import shipped_folder

HERE = LocalExecutor(torch.device("cpu"))
FAILED = Score(math.nan, Status.FAILED, "no luck", 0.0)

pytestmark = pytest.mark.usefixtures("data_folder")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store of two seeds and three architectures."""
    path = tmp_path_factory.mktemp("computed") / "scores.h5"
    compute(tiny(), path)
    return path


@pytest.fixture
def folder(whole, tmp_path, monkeypatch):
    """A folder of shipped stores that holds it."""
    monkeypatch.setenv("ZC_BENCH_SHIPPED", str(tmp_path / "shipped"))
    (tmp_path / "shipped").mkdir()
    shutil.copy(whole, tmp_path / "shipped" / "nb201.h5")
    return tmp_path / "shipped"


def found_for(spec, path, **options):
    """Say what is shipped of the trials that a store lacks."""
    run = resolve(spec)
    with run.open_store(path, **options) as store:
        return run, find_shipped(run, store)[0]


def changed(contents, column, score):
    """Give all trials another score."""
    trials = {
        key: dataclasses.replace(trial, scores=trial.scores | {column: score(trial.scores[column])})
        for key, trial in contents.trials.items()
    }
    return dataclasses.replace(contents, trials=trials)


class TestFind:
    def test_gives_the_trials_that_a_new_store_lacks(self, folder, whole, tmp_path):
        _, found = found_for(tiny(), tmp_path / "mine.h5")
        assert list(found) == [folder / "nb201.h5"]
        assert found[folder / "nb201.h5"].trials == read_store(whole).trials

    def test_leaves_out_what_is_not_asked_for(self, folder, tmp_path):
        _, found = found_for(tiny(samples=1, seeds=1), tmp_path / "mine.h5")
        assert [key.seed for key in found[folder / "nb201.h5"].trials] == [0]

    @pytest.mark.usefixtures("folder")
    def test_gives_nothing_where_nothing_is_lacking(self, whole, tmp_path):
        shutil.copy(whole, tmp_path / "mine.h5")
        assert found_for(tiny(), tmp_path / "mine.h5")[1] == {}

    def test_gives_what_does_not_rest_on_what_differs(self, folder, tmp_path):
        _, found = found_for(tiny(batch_size=5), tmp_path / "mine.h5")
        trials = found[folder / "nb201.h5"].trials.values()
        assert {column for trial in trials for column in trial.scores} == {"params@1"}

    def test_mu_makes_no_difference(self, folder, tmp_path):
        _, found = found_for(tiny(mu=2.0), tmp_path / "mine.h5")
        assert len(found[folder / "nb201.h5"].trials) == 6

    def test_does_not_take_a_trial_from_two_files(self, folder, tmp_path):
        shutil.copy(folder / "nb201.h5", folder / "nb201-again.h5")
        _, found = found_for(tiny(), tmp_path / "mine.h5")
        assert list(found) == [folder / "nb201-again.h5"]

    def test_leaves_out_other_versions_and_what_failed(self, folder, tmp_path):
        run = resolve(tiny())
        shipped = read_store(folder / "nb201.h5")
        (folder / "nb201.h5").unlink()
        for trial in shipped.trials.values():
            trial.scores |= {"swap@1": FAILED, "swap@99": Score(1.0, Status.DONE, "", 0.0)}
        with run.open_store(folder / "nb201.h5") as store:
            store.adopt(shipped)
        _, found = found_for(tiny(), tmp_path / "mine.h5")
        columns = {
            column
            for trial in found[folder / "nb201.h5"].trials.values()
            for column in trial.scores
        }
        assert columns == {"params@1", "grad_norm@1"}

    def test_a_damaged_file_is_named(self, folder, tmp_path):
        (folder / "nb201.h5").write_text("no store")
        with pytest.raises(ZcBenchError, match=r"shipped/nb201\.h5 is not a store"):
            found_for(tiny(), tmp_path / "mine.h5")

    def test_without_a_folder_there_is_nothing(self, monkeypatch, tmp_path):
        monkeypatch.setenv("ZC_BENCH_SHIPPED", str(tmp_path / "absent"))
        assert found_for(tiny(), tmp_path / "mine.h5")[1] == {}

    def test_the_folder_is_that_of_the_checkout(self, monkeypatch):
        monkeypatch.delenv("ZC_BENCH_SHIPPED")
        assert (shipped_folder() / "nb201.h5").exists()


class TestContradiction:
    def look(self, folder, tmp_path, column="swap@1", score=lambda score: score):
        run, found = found_for(tiny(), tmp_path / "mine.h5")
        contents = changed(found[folder / "nb201.h5"], column, score)
        return contradiction(run, contents, HERE, np.random.default_rng(0))

    def test_there_is_none_where_all_is_well(self, folder, tmp_path):
        assert self.look(folder, tmp_path) == ""

    def test_the_last_digits_may_differ(self, folder, tmp_path):
        almost = lambda score: dataclasses.replace(score, value=score.value * (1 + 1e-5))  # noqa: E731
        assert self.look(folder, tmp_path, score=almost) == ""

    def test_another_score_is_one(self, folder, tmp_path):
        other = lambda score: dataclasses.replace(score, value=score.value * 1.01)  # noqa: E731
        said = self.look(folder, tmp_path, score=other)
        assert said.startswith("swap of (")
        assert "task cifar10, seed " in said
        assert " there, " in said

    def test_another_status_is_one(self, folder, tmp_path):
        undefined = lambda _: Score(math.nan, Status.UNDEFINED, "", 0.0)  # noqa: E731
        assert "is undefined there, " in self.look(folder, tmp_path, score=undefined)

    def test_what_needs_gradients_is_not_computed_again(self, folder, tmp_path):
        other = lambda score: dataclasses.replace(score, value=score.value * 2)  # noqa: E731
        assert self.look(folder, tmp_path, "grad_norm@1", other) == ""


class TestRead:
    def read(self, tmp_path, caplog, **options):
        caplog.set_level("INFO", "zc_bench")
        run = resolve(tiny())
        with run.open_store(tmp_path / "mine.h5", **options) as store:
            count = read_shipped(run, store, HERE)
        return count, read_store(tmp_path / "mine.h5").trials, caplog.messages[-1]

    def test_fills_a_new_store_and_says_so(self, folder, whole, tmp_path, caplog):
        count, trials, said = self.read(tmp_path, caplog)
        assert count is True
        assert trials == read_store(whole).trials
        assert said.startswith(f"Read from {folder / 'nb201.h5'}: 6 trials, of which 3 drawn at")

    def test_reads_nothing_that_differs_and_says_what(self, folder, tmp_path, caplog):
        other = changed(
            read_store(folder / "nb201.h5"),
            "swap@1",
            lambda score: dataclasses.replace(score, value=score.value * 1.01),
        )
        (folder / "nb201.h5").unlink()
        with Store(folder / "nb201.h5", other.fingerprints, {}) as store:
            store.adopt(other)
        count, trials, said = self.read(tmp_path, caplog)
        assert (count, trials) == (False, {})
        assert "which is not what is computed here: swap of (" in said

    @pytest.mark.usefixtures("folder")
    def test_reads_nothing_into_a_store_that_was_begun_fresh(self, tmp_path, caplog):
        for fresh in (True, False):
            assert self.read(tmp_path, caplog, fresh=fresh)[:2] == (0, {})


class TestAdopt:
    def test_survives_at_once(self, whole, tmp_path):
        run = resolve(tiny())
        with run.open_store(tmp_path / "mine.h5") as store:
            store.adopt(read_store(whole))
            assert read_store(tmp_path / "mine.h5").trials == read_store(whole).trials

    def test_keeps_own_scores_unless_they_failed(self, whole, tmp_path):
        run, shipped = resolve(tiny()), read_store(whole)
        key = min(shipped.trials)
        own = Score(1.0, Status.DONE, "", 2.0)
        with run.open_store(tmp_path / "mine.h5") as store:
            store.contents.add(
                key, Row({"params@1": own, "swap@1": FAILED, "mine@1": FAILED}, {"build": 3.0})
            )
            store.adopt(shipped)
        trial = read_store(tmp_path / "mine.h5").trials[key]
        assert trial.scores["params@1"] == own
        assert trial.scores["swap@1"] == shipped.trials[key].scores["swap@1"]
        assert trial.scores["mine@1"].status is Status.FAILED
        assert trial.pass_seconds == {**shipped.trials[key].pass_seconds, "build": 3.0}

    def test_records_who_computed_it(self, whole, tmp_path):
        run, shipped = resolve(tiny()), read_store(whole)
        shipped.provenance = {"environment": {"device": "theirs"}}
        with run.open_store(tmp_path / "mine.h5") as store:
            store.adopt(shipped)
        assert read_store(tmp_path / "mine.h5").other_provenance == [
            {"environment": {"device": "theirs"}}
        ]


def test_a_store_remembers_that_it_was_begun_fresh(tmp_path):
    run = resolve(tiny())
    remembered = []
    for fresh in (False, True, False):
        with run.open_store(tmp_path / "mine.h5", fresh=fresh) as store:
            remembered.append(store.begun_fresh)
    assert remembered == [False, True, True]
