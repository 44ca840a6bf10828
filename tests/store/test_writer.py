"""A store that is open for writing: what comes back, what is refused, who may write."""

import json
import math
import os
from pathlib import Path

import h5py
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_writer import (
    COLUMNS,
    PROTOCOL,
    TRIAL,
    journal,
    key,
    numbers,
    open_store,
    resting_on,
    same,
    score,
    write,
)

from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.store import Store, TrialKey, read_store

SCORES = st.one_of(
    st.builds(
        Score,
        st.floats(allow_nan=False, allow_infinity=False),
        st.just(Status.DONE),
        st.just(""),
        st.floats(0, 1e6),
    ),
    st.builds(
        Score,
        st.just(math.nan),
        st.sampled_from([status for status in Status if status is not Status.DONE]),
        # HDF5 ends a text at a zero character, and cannot hold surrogates.
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        st.floats(0, 1e6),
    ),
)


class TestRoundTrip:
    @pytest.mark.parametrize("status", Status)
    def test_keeps_status_and_reason(self, path, status):
        value = 1.5 if status is Status.DONE else math.nan
        requested = Score(value, status, "weil µ = ∞\nund σ = 0", 0.25)
        with open_store(path) as store:
            store.append(TRIAL, JobResult({"swap": requested}, {}), COLUMNS)
        assert same(read_store(path).trials[TRIAL].scores["swap@1"], requested)

    @pytest.mark.parametrize("closed", [False, True])
    @pytest.mark.parametrize(
        "value", [0.0, -0.0, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2**53 + 1]
    )
    def test_keeps_every_bit_of_a_score(self, path, value, closed):
        store = open_store(path)
        store.append(TRIAL, score(value), COLUMNS)
        if closed:
            store.close()
        assert read_store(path).trials[TRIAL].scores["swap@1"].value.hex() == float(value).hex()
        store.close()

    @settings(max_examples=30, deadline=None)
    @given(scores=st.dictionaries(st.sampled_from(["swap", "snip", "épée"]), SCORES))
    def test_keeps_whatever_a_trial_gave(self, tmp_path_factory, scores):
        path = tmp_path_factory.mktemp("store") / "scores.h5"
        columns = {name: f"{name}@2" for name in scores}
        with open_store(path) as store:
            store.append(TRIAL, JobResult(scores, {"forward": 0.5}), columns)
            from_journal = read_store(path).trials[TRIAL]
        from_file = read_store(path).trials[TRIAL]
        expected = {f"{name}@2": value for name, value in scores.items()}
        for trial in (from_journal, from_file):
            assert same(dict(sorted(trial.scores.items())), dict(sorted(expected.items())))
            assert trial.pass_seconds == {"forward": 0.5}

    def test_keeps_fingerprints_and_provenance(self, path):
        provenance = {"who": "ich", "threads": 2, "long": "x" * 100_000}
        with Store(path, resting_on(), provenance):
            pass
        contents = read_store(path)
        assert contents.fingerprints == resting_on()
        assert contents.provenance == provenance

    def test_keeps_the_peak_memory_of_passes(self, path):
        with open_store(path) as store:
            store.append(
                key(0), JobResult({}, {"forward": 0.5, "weights": 0.1}, {"forward": 2**40}), {}
            )
            store.append(key(1), JobResult({}, {"forward": 0.5}, {}), {})
            from_journal = read_store(path).trials
        for trials in (from_journal, read_store(path).trials):
            assert [trials[key(n)].pass_peak_bytes for n in (0, 1)] == [{"forward": 2**40}, {}]

    @pytest.mark.parametrize(("reason", "kept"), [("a\0b", "a\\0b"), ("a\ud800b", "a\\ud800b")])
    def test_spells_out_what_hdf5_cannot_store(self, path, reason, kept):
        with open_store(path) as store:
            store.append(
                TRIAL, JobResult({"swap": Score(math.nan, Status.FAILED, reason, 0.0)}, {}), COLUMNS
            )
        assert read_store(path).trials[TRIAL].scores["swap@1"].reason == kept

    def test_an_empty_store_is_a_store(self, path):
        write(path, [])
        assert read_store(path).trials == {}

    def test_gives_the_same_bytes_in_whatever_order_trials_came(self, tmp_path):
        write(tmp_path / "a.h5", range(20))
        write(tmp_path / "b.h5", reversed(range(20)))
        assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()

    def test_can_be_read_without_the_harness(self, path):
        write(path, [7])
        with h5py.File(path) as file:
            assert file["scores/swap@1/value"][:].tolist() == [7.0]
            assert file["scores/swap@1/status"][:].tolist() == [1]
            assert json.loads(file["scores/swap@1/status"].attrs["meaning"])["1"] == "done"
            assert file["trials/architecture"].asstr()[:].tolist() == ["architecture 7"]

    def test_makes_its_folder(self, tmp_path):
        write(tmp_path / "a" / "b" / "scores.h5", [1])
        assert numbers(tmp_path / "a" / "b" / "scores.h5") == [1]

    def test_leaves_no_journal_when_closed(self, path):
        write(path, range(3))
        assert sorted(item.name for item in path.parent.iterdir()) == [
            ".scores.h5.lock",
            "scores.h5",
        ]

    def test_may_be_closed_twice(self, path):
        store = open_store(path)
        store.close()
        store.close()


class TestResume:
    def test_goes_on_where_it_stopped(self, path):
        write(path, range(3))
        write(path, range(3, 5))
        assert numbers(path) == [0, 1, 2, 3, 4]

    def test_knows_what_is_missing(self, path):
        columns = {"swap": "swap@1", "snip": "snip@1"}
        write(path, [0])
        with open_store(path) as store:
            assert store.missing(key(0), columns) == ["snip"]
            assert store.missing(key(1), columns) == ["swap", "snip"]

    @pytest.mark.parametrize(
        ("status", "again"),
        [
            ("done", False),
            ("invalid", False),
            ("undefined", False),
            ("failed", True),
            ("out_of_memory", True),
        ],
    )
    def test_what_failed_deserves_another_try(self, path, status, again):
        with open_store(path) as store:
            store.append(
                TRIAL, JobResult({"swap": Score(math.nan, Status(status), "", 0.0)}, {}), COLUMNS
            )
            assert store.missing(TRIAL, COLUMNS) == (["swap"] if again else [])

    def test_a_new_version_is_missing_and_the_old_one_stays(self, path):
        write(path, [0])
        with open_store(path) as store:
            assert store.missing(key(0), {"swap": "swap@2"}) == ["swap"]
            store.append(key(0), score(9), {"swap": "swap@2"})
        scores = read_store(path).trials[key(0)].scores
        assert {column: entry.value for column, entry in scores.items()} == {
            "swap@1": 0.0,
            "swap@2": 9.0,
        }

    def test_a_later_score_replaces_an_earlier_one(self, path):
        with open_store(path) as store:
            store.append(TRIAL, score(1), COLUMNS)
            store.append(TRIAL, score(2), COLUMNS)
        assert numbers(path) == [2]

    def test_times_of_other_passes_stay(self, path):
        with open_store(path) as store:
            store.append(TRIAL, JobResult({}, {"forward": 1.0, "weights": 2.0}), {})
            store.append(TRIAL, JobResult({}, {"weights": 3.0}), {})
        assert read_store(path).trials[TRIAL].pass_seconds == {"forward": 1.0, "weights": 3.0}


class TestFingerprints:
    def test_a_column_that_rests_on_something_else_is_refused_by_name(self, path):
        write(path, [0])
        with pytest.raises(ZcBenchError) as info:
            open_store(path, {"protocol": {"batch_size": 8}})
        assert str(info.value) == (
            f"{path} holds scores that depend on something else: swap@1 (protocol batch_size: 4 there, 8 now). "
            "Choose another folder with --out, or start over with --fresh."
        )

    def test_every_difference_is_named(self, path):
        with open_store(
            path, {"protocol": {"n": 4, "old": 1}, "cifar10": {"images": "ab"}}
        ) as store:
            store.append(TRIAL, score(1), COLUMNS)
        with pytest.raises(ZcBenchError) as info:
            open_store(path, {"protocol": {"n": 4, "new": 2}, "cifar10": {"images": "cd"}})
        assert (
            "swap@1 (cifar10 images: 'ab' there, 'cd' now; protocol new: None there, 2 now; protocol old: 1 there, "
            "None now)"
        ) in str(info.value)

    def test_other_columns_are_not_judged_and_stay(self, path):
        write(path, [0])
        snip = {"snip": "snip@1"}
        result = JobResult({"snip": Score(2.0, Status.DONE, "", 0.0)}, {})
        with Store(path, {"snip@1": {"protocol": {"batch_size": 8}}}, {}) as store:
            store.append(key(0), result, snip)
        contents = read_store(path)
        assert sorted(contents.trials[key(0)].scores) == ["snip@1", "swap@1"]
        assert contents.fingerprints["swap@1"] == PROTOCOL
        assert contents.fingerprints["snip@1"] == {"protocol": {"batch_size": 8}}

    def test_what_no_score_rests_on_is_not_judged(self, path):
        write(path, [])
        with open_store(path, {"protocol": {"batch_size": 8}}):
            pass
        assert read_store(path).fingerprints["swap@1"] == {"protocol": {"batch_size": 8}}

    def test_another_space_is_refused_also_where_no_column_is_shared(self, path):
        with Store(path, {"swap@1": {"protocol": {"space": "nb101"}}}, {}) as store:
            store.append(TRIAL, score(1), COLUMNS)
        with pytest.raises(ZcBenchError, match="holds scores of nb101, not of nb201"):
            Store(path, {"snip@1": {"protocol": {"space": "nb201"}}}, {})

    def test_a_score_of_a_column_that_was_not_named_is_refused(self, path):
        with Store(path, {"snip@1": PROTOCOL}, {}) as store:
            with pytest.raises(
                ZcBenchError, match="has no record of what scores of swap@1 depend on"
            ):
                store.append(TRIAL, score(1), COLUMNS)
            assert store.contents.trials == {}

    def test_a_refused_store_is_as_before(self, path):
        write(path, [0])
        before = path.read_bytes()
        with pytest.raises(ZcBenchError):
            open_store(path, {"protocol": {"batch_size": 8}})
        assert path.read_bytes() == before
        write(path, [1])

    def test_a_new_task_is_welcome(self, path):
        write(path, [0])
        sections = {**PROTOCOL, "cifar100": {"images": "ab"}}
        with open_store(path, sections) as store:
            store.append(TrialKey("cifar100", "x", 0), score(1), COLUMNS)
        assert read_store(path).fingerprints["swap@1"] == sections
        with pytest.raises(ZcBenchError, match="cifar100 images: 'ab' there, 'cd' now"):
            open_store(path, {**PROTOCOL, "cifar100": {"images": "cd"}})

    def test_what_json_makes_of_a_value_is_no_difference(self, path):
        for _ in range(2):
            with open_store(path, {"protocol": {"sizes": (1, 2), "mu": 0.1}}) as store:
                store.append(TRIAL, score(1), COLUMNS)


class TestWriters:
    def test_a_second_one_is_refused(self, path):
        with open_store(path), pytest.raises(ZcBenchError) as info:
            open_store(path)
        assert str(info.value) == (
            f"Another process is writing to {path}: wait for it, stop it, or choose another folder with --out."
        )

    def test_a_second_one_is_refused_before_it_sets_anything_aside(self, path):
        with open_store(path) as store:
            store.append(TRIAL, score(1), COLUMNS)
            with pytest.raises(ZcBenchError, match="Another process is writing"):
                open_store(path, fresh=True)
        assert numbers(path) == [1]

    def test_the_next_one_is_welcome(self, path):
        write(path, [1])
        write(path, [2])

    def test_a_refused_store_is_not_locked(self, path):
        path.write_bytes(b"no store")
        with pytest.raises(ZcBenchError):
            open_store(path)
        path.unlink()
        write(path, [1])

    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(
            ZcBenchError, match=r"Could not write .*scores.h5 \(.*\): choose a folder that can be"
        ):
            open_store(tmp_path / "file" / "scores.h5")


class TestProvenance:
    """Who computed the scores."""

    def open(self, path, who):
        with Store(path, resting_on(), {"who": who}) as store:
            return store

    def test_everybody_is_kept_once(self, path):
        for who in ("c", "a", "b", "a", "c"):
            self.open(path, who)
        contents = read_store(path)
        assert contents.provenance == {"who": "c"}
        assert contents.other_provenance == [{"who": "a"}, {"who": "b"}]

    def test_who_opened_it_last_is_known_to_the_next(self, path):
        assert self.open(path, "a").provenance_before == {}
        assert self.open(path, "b").provenance_before == {"who": "a"}


DRAWN = {("cifar10", 0): ("b", "a", "c"), ("cifar10", 1): ("a", "d"), ("svhn", 0): ("b",)}


class TestDrawn:
    def test_is_kept_in_order_also_when_the_writer_dies(self, path):
        store = open_store(path)
        store.record_drawn(DRAWN)
        assert read_store(path).drawn == DRAWN
        store.close()
        assert read_store(path).drawn == DRAWN

    def test_is_written_once(self, path):
        with open_store(path) as store:
            store.record_drawn(DRAWN)
            size = journal(path).stat().st_size
            store.record_drawn(DRAWN)
            store.record_drawn({("cifar10", 0): ["b", "a"], ("cifar10", 1): ["a", "d"]})
            assert journal(path).stat().st_size == size
        with open_store(path) as store:
            store.record_drawn(DRAWN)
            assert journal(path).stat().st_size == 0
        assert read_store(path).drawn == DRAWN

    @pytest.mark.parametrize("later", [["b", "a", "c", "e"], ["a", "b", "c"], ["x"]])
    def test_a_longer_or_another_draw_takes_its_place(self, path, later):
        with open_store(path) as store:
            store.record_drawn(DRAWN)
            store.record_drawn({("cifar10", 0): later})
        assert read_store(path).drawn == {**DRAWN, ("cifar10", 0): tuple(later)}

    def test_can_be_read_without_the_harness(self, path):
        with open_store(path) as store:
            store.record_drawn(DRAWN)
        with h5py.File(path) as file:
            assert file["drawn/architecture"].asstr()[:].tolist() == ["b", "a", "c", "a", "d", "b"]
            assert file["drawn/position"][:].tolist() == [0, 1, 2, 0, 1, 0]
            assert file["drawn/seed"][:].tolist() == [0, 0, 0, 1, 1, 0]


class TestSyncing:
    """What a power cut leaves."""

    @pytest.fixture
    def disk(self, monkeypatch):
        """The files that were synced to the disk, in order.

        Names of folders and files; the clock goes as the test says.
        """
        done, timers = [], []

        class Clock:
            def __init__(self, seconds, action):
                assert seconds == 1.0
                self.action, self.cancelled = action, False
                timers.append(self)

            def start(self):
                pass

            def cancel(self):
                self.cancelled = True

        syncing = os.fsync

        def sync(descriptor):
            done.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))  # noqa: PTH115, PTH119
            syncing(descriptor)

        monkeypatch.setattr(os, "fsync", sync)
        monkeypatch.setattr("zc_bench.store.journal.Timer", Clock)
        return done, timers

    def test_lines_are_on_the_disk_a_second_later_however_many_there_are(self, path, disk):
        done, timers = disk
        with open_store(path) as store:
            done.clear()
            for number in range(3):
                store.append(key(number), score(number), COLUMNS)
            assert (done, len(timers)) == ([], 1)
            timers[0].action()
            assert done == ["scores.h5.journal"]
            store.append(key(3), score(3), COLUMNS)
            assert len(timers) == 2
        assert timers[1].cancelled
        # Late, as a timer that was just going off may be.
        timers[1].action()

    def test_the_file_is_in_its_folder_before_the_journal_goes(self, path, disk, monkeypatch):
        done, _ = disk
        store = open_store(path)
        assert done[-1] == path.parent.name  # the journal is in its folder
        store.append(key(1), score(1), COLUMNS)
        done.clear()
        unlink = Path.unlink

        def unlinked(self, **options):
            done.append(f"removed {self.name}")
            unlink(self, **options)

        monkeypatch.setattr(Path, "unlink", unlinked)
        store.close()
        names = [name for name in done if not name.startswith((".scores-", "removed .scores-"))]
        assert names == ["scores.h5.journal", path.parent.name, "removed scores.h5.journal"]


class TestLinks:
    def test_a_store_behind_a_link_stays_there_with_its_journal_and_its_lock(self, path, tmp_path):
        link = tmp_path / "links" / "scores.h5"
        link.parent.mkdir()
        link.symlink_to(path)
        write(path, [1])
        with open_store(link) as store:
            store.append(key(2), score(2), COLUMNS)
            assert numbers(path) == numbers(link) == [1, 2]
            with pytest.raises(ZcBenchError, match="Another process is writing"):
                open_store(path)
        assert link.is_symlink()
        assert [item.name for item in link.parent.iterdir()] == ["scores.h5"]
        assert numbers(path) == [1, 2]
