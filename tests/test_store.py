"""Stores: what comes back, what is refused, and what survives crashes, kills and full disks."""

import contextlib
import errno
import json
import math
import os
import random
import resource
import time
from multiprocessing import get_context
from pathlib import Path

import h5py
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_writer import COLUMNS, IDENTITY, KEYS, key, score, write_for_ever
from zc_bench.errors import ZcBenchError
from zc_bench.observe import Observed, Score, Status
from zc_bench.store import Contents, Store, StoredTrial, TrialKey, column_name, read_store

TRIAL = TrialKey("cifar10", "(4, 0, 3, 1, 4, 3)", 0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "scores.h5"


def journal(path):
    return path.with_name("scores.h5.journal")


def open_store(path, identity=IDENTITY, **options):
    return Store(path, identity, {}, **options)


def write(path, numbers, columns=COLUMNS):
    """Write trials and close the store."""
    with open_store(path) as store:
        for number in numbers:
            store.append(key(number), score(number), columns)


def abandon(path, numbers):
    """Write trials and leave the store as a killed process leaves it: with a journal and without a lock."""
    store = open_store(path)
    for number in numbers:
        store.append(key(number), score(number), COLUMNS)
    store._journal.close()
    store._lock.release()


def numbers(path):
    """Return the numbers of the trials in a store."""
    return sorted(int(trial.scores["swap@1"].value) for trial in read_store(path).trials.values())


def same(a, b):
    """Compare two scores; NaN equals NaN here."""
    return repr(a) == repr(b)


SCORES = st.one_of(
    st.builds(
        Score, st.floats(allow_nan=False, allow_infinity=False), st.just(Status.DONE), st.just(""), st.floats(0, 1e6)
    ),
    st.builds(
        Score,
        st.just(math.nan),
        st.sampled_from([status for status in Status if status is not Status.DONE]),
        # HDF5 ends a text at a zero character, and knows no surrogates.
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        st.floats(0, 1e6),
    ),
)


class TestRoundTrip:
    @pytest.mark.parametrize("status", Status)
    def test_keeps_status_and_reason(self, path, status):
        value = 1.5 if status is Status.DONE else math.nan
        wanted = Score(value, status, "weil µ = ∞\nund σ = 0", 0.25)
        with open_store(path) as store:
            store.append(TRIAL, Observed({"swap": wanted}, {}), COLUMNS)
        assert same(read_store(path).trials[TRIAL].scores["swap@1"], wanted)

    @pytest.mark.parametrize("closed", [False, True])
    @pytest.mark.parametrize("value", [0.0, -0.0, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2**53 + 1])
    def test_keeps_every_bit_of_a_score(self, path, value, closed):
        store = open_store(path)
        store.append(TRIAL, score(value), COLUMNS)
        if closed:
            store.close()
        assert read_store(path).trials[TRIAL].scores["swap@1"].value.hex() == float(value).hex()
        store.close()

    @given(scores=st.dictionaries(st.sampled_from(["swap", "snip", "épée"]), SCORES))
    def test_keeps_whatever_a_trial_gave(self, tmp_path_factory, scores):
        path = tmp_path_factory.mktemp("store") / "scores.h5"
        columns = {name: f"{name}@2" for name in scores}
        with open_store(path) as store:
            store.append(TRIAL, Observed(scores, {"forward": 0.5}), columns)
            from_journal = read_store(path).trials[TRIAL]
        from_file = read_store(path).trials[TRIAL]
        expected = {f"{name}@2": value for name, value in scores.items()}
        for trial in (from_journal, from_file):
            assert same(dict(sorted(trial.scores.items())), dict(sorted(expected.items())))
            assert trial.pass_seconds == {"forward": 0.5}

    def test_keeps_identity_and_about(self, path):
        with Store(path, IDENTITY, {"who": "ich", "threads": 2}):
            pass
        contents = read_store(path)
        assert contents.identity == IDENTITY
        assert contents.about == {"who": "ich", "threads": 2}

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
        assert sorted(item.name for item in path.parent.iterdir()) == [".scores.h5.lock", "scores.h5"]

    def test_may_be_closed_twice(self, path):
        store = open_store(path)
        store.close()
        store.close()


class TestFrame:
    def test_has_a_row_per_trial_and_score(self):
        scores = {
            "swap@1": Score(3.0, Status.DONE, "", 0.5),
            "snip@12": Score(math.nan, Status.UNDEFINED, "no labels", 0.0),
        }
        frame = Contents({}, {}, {TRIAL: StoredTrial(scores, {})}).frame()
        assert frame.to_dict("records")[0] == {
            "task": "cifar10",
            "architecture": "(4, 0, 3, 1, 4, 3)",
            "seed": 0,
            "proxy": "swap",
            "version": 1,
            "score": 3.0,
            "status": "done",
            "reason": "",
            "seconds": 0.5,
        }
        assert frame.loc[1, ["proxy", "version", "status", "reason"]].tolist() == [
            "snip",
            12,
            "undefined",
            "no labels",
        ]

    def test_of_an_empty_store_has_the_columns(self):
        frame = Contents({}, {}).frame()
        assert frame.empty
        assert list(frame)[:5] == ["task", "architecture", "seed", "proxy", "version"]

    def test_column_names_hold_name_and_version(self):
        assert column_name("swap", 3) == "swap@3"


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
        [("done", False), ("invalid", False), ("undefined", False), ("failed", True), ("out_of_memory", True)],
    )
    def test_what_failed_deserves_another_try(self, path, status, again):
        with open_store(path) as store:
            store.append(TRIAL, Observed({"swap": Score(math.nan, Status(status), "", 0.0)}, {}), COLUMNS)
            assert store.missing(TRIAL, COLUMNS) == (["swap"] if again else [])

    def test_a_new_version_is_missing_and_the_old_one_stays(self, path):
        write(path, [0])
        with open_store(path) as store:
            assert store.missing(key(0), {"swap": "swap@2"}) == ["swap"]
            store.append(key(0), score(9), {"swap": "swap@2"})
        scores = read_store(path).trials[key(0)].scores
        assert {column: entry.value for column, entry in scores.items()} == {"swap@1": 0.0, "swap@2": 9.0}

    def test_a_later_score_replaces_an_earlier_one(self, path):
        with open_store(path) as store:
            store.append(TRIAL, score(1), COLUMNS)
            store.append(TRIAL, score(2), COLUMNS)
        assert numbers(path) == [2]

    def test_times_of_other_passes_stay(self, path):
        with open_store(path) as store:
            store.append(TRIAL, Observed({}, {"forward": 1.0, "weights": 2.0}), {})
            store.append(TRIAL, Observed({}, {"weights": 3.0}), {})
        assert read_store(path).trials[TRIAL].pass_seconds == {"forward": 1.0, "weights": 3.0}


class TestIdentity:
    def test_another_value_is_refused_with_section_name_and_both_values(self, path):
        write(path, [0])
        with pytest.raises(ZcBenchError) as info:
            open_store(path, {"protocol": {"batch_size": 8}})
        assert str(info.value) == (
            f"{path} holds scores of another kind (protocol batch_size: 4 there, 8 now). "
            "Choose another folder with --out, or start over with --fresh."
        )

    def test_every_difference_is_named(self, path):
        with open_store(path, {"protocol": {"n": 4, "old": 1}, "cifar10": {"images": "ab"}}):
            pass
        with pytest.raises(ZcBenchError) as info:
            open_store(path, {"protocol": {"n": 4, "new": 2}, "cifar10": {"images": "cd"}})
        assert (
            "(protocol new: None there, 2 now; protocol old: 1 there, None now; cifar10 images: 'ab' there, 'cd' now)"
            in str(info.value)
        )

    def test_a_refused_store_is_as_before(self, path):
        write(path, [0])
        before = path.read_bytes()
        with pytest.raises(ZcBenchError):
            open_store(path, {"protocol": {"batch_size": 8}})
        assert path.read_bytes() == before
        write(path, [1])

    def test_a_new_task_is_welcome(self, path):
        write(path, [0])
        with open_store(path, {"cifar100": {"images": "ab"}}):
            pass
        assert read_store(path).identity == {**IDENTITY, "cifar100": {"images": "ab"}}
        with pytest.raises(ZcBenchError, match="cifar100 images: 'ab' there, 'cd' now"):
            open_store(path, {"cifar100": {"images": "cd"}})

    def test_what_json_makes_of_a_value_is_no_difference(self, path):
        for _ in range(2):
            with open_store(path, {"protocol": {"sizes": (1, 2), "mu": 0.1}}):
                pass


class TestFresh:
    def test_starts_over_and_keeps_the_old_store(self, path):
        write(path, [1])
        with open_store(path, {"protocol": {"batch_size": 8}}, fresh=True) as store:
            assert store.contents.trials == {}
        assert numbers(path) == []
        assert numbers(path.with_name("scores.previous.h5")) == [1]

    def test_keeps_the_journal_of_a_killed_writer_too(self, path):
        abandon(path, [1, 2])
        with open_store(path, fresh=True):
            pass
        assert numbers(path) == []
        assert numbers(path.with_name("scores.previous.h5")) == [1, 2]

    def test_does_not_mix_the_journals_of_two_old_stores(self, path):
        abandon(path, [1])
        with open_store(path, fresh=True) as store:
            store.append(key(2), score(2), COLUMNS)
        with open_store(path, fresh=True):
            pass
        assert numbers(path.with_name("scores.previous.h5")) == [2]

    def test_helps_against_a_damaged_store(self, path):
        path.write_bytes(b"no store")
        with open_store(path, fresh=True):
            pass
        assert numbers(path) == []

    def test_needs_no_old_store(self, path):
        with open_store(path, fresh=True):
            pass
        assert [item.name for item in path.parent.glob("*.h5")] == ["scores.h5"]


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
        with pytest.raises(ZcBenchError, match=r"Could not write .*scores.h5 \(.*\): choose a folder that can be"):
            open_store(tmp_path / "file" / "scores.h5")


class TestReading:
    def test_sees_trials_that_are_not_folded_yet(self, path):
        with open_store(path) as store:
            store.append(key(1), score(1), COLUMNS)
            assert numbers(path) == [1]

    def test_of_an_absent_store_says_how_to_make_one(self, path):
        with pytest.raises(ZcBenchError) as info:
            read_store(path)
        assert str(info.value) == f"There is no store at {path}: run `zc-bench correlate` to make one."

    def test_is_possible_at_every_moment_while_somebody_writes(self, path):
        write(path, [])
        with running_writer(path, 0) as (_, connection):
            seen, deadline = 0, time.monotonic() + 1.5
            while time.monotonic() < deadline:
                reported = drain(connection, seen)
                newest = max(numbers(path), default=0)
                assert newest >= reported
                assert newest >= seen
                seen = newest
        assert seen > 0


class TestDamage:
    def test_a_line_that_was_cut_short_anywhere_is_no_trial_and_hurts_no_other(self, path):
        abandon(path, range(3))
        whole = journal(path).read_bytes()
        last = whole[:-1].rindex(b"\n") + 1
        assert len(whole) - last > 100
        for size in range(last, len(whole)):
            journal(path).write_bytes(whole[:size])
            assert numbers(path) == [0, 1], size

    @pytest.mark.parametrize("cut", [1, 2, 50, 100])
    def test_after_a_line_that_was_cut_short_the_store_goes_on(self, path, cut):
        abandon(path, range(3))
        journal(path).write_bytes(journal(path).read_bytes()[:-cut])
        with open_store(path) as store:
            assert store.missing(key(2), COLUMNS) == ["swap"]
            store.append(key(3), score(3), COLUMNS)
        assert numbers(path) == [0, 1, 3]

    def test_a_damaged_line_in_the_middle_is_named(self, path):
        abandon(path, range(3))
        lines = journal(path).read_bytes().splitlines(keepends=True)
        for damage in (b"\0\0\0\n", b"[]\n", b"3\n", b'{"task": "a"}\n', lines[1].replace(b"done", b"dome")):
            journal(path).write_bytes(lines[0] + damage + lines[2])
            with pytest.raises(ZcBenchError, match=r"^Line 2 of .*scores.h5.journal is damaged \(.*\): delete that"):
                read_store(path)

    def test_of_the_file_is_named_wherever_it_was_cut_short(self, path):
        write(path, range(3))
        whole = path.read_bytes()
        for size in {*range(0, len(whole), 499), len(whole) - 1}:
            path.write_bytes(whole[:size])
            with pytest.raises(ZcBenchError, match=r"is not a store of zc-bench, or damaged \(.*\): move it away, or"):
                read_store(path)

    def test_of_the_file_never_ends_in_another_error(self, path):
        write(path, range(3))
        whole = path.read_bytes()
        dice = random.Random(0)
        for _ in range(300):
            damaged = bytearray(whole)
            start = dice.randrange(len(whole))
            damaged[start : start + 32] = dice.randbytes(len(damaged[start : start + 32]))
            path.write_bytes(damaged)
            with contextlib.suppress(ZcBenchError):
                read_store(path)

    def test_another_hdf5_file_is_no_store(self, path):
        with h5py.File(path, "w") as file:
            file["x"] = 3
        with pytest.raises(ZcBenchError, match="is not a store of zc-bench"):
            read_store(path)

    def test_a_store_of_a_later_format_is_named(self, path):
        write(path, [1])
        with h5py.File(path, "a") as file:
            file.attrs["format"] = 2
        with pytest.raises(ZcBenchError, match=r"\(its format is 2, this version reads 1\)"):
            read_store(path)


class TestCrash:
    """A process may die between any two steps."""

    def test_between_appending_and_folding(self, path):
        abandon(path, range(3))
        assert journal(path).exists()
        assert numbers(path) == [0, 1, 2]
        write(path, [3])
        assert numbers(path) == [0, 1, 2, 3]

    def test_between_renaming_the_file_and_removing_the_journal(self, path):
        abandon(path, [*range(3), 0])
        left = journal(path).read_bytes()
        write(path, [])
        folded = path.read_bytes()
        journal(path).write_bytes(left)
        assert numbers(path) == [0, 1, 2]
        write(path, [])
        assert path.read_bytes() == folded
        assert not journal(path).exists()

    def test_between_setting_aside_the_file_and_its_journal(self, path):
        abandon(path, [1])
        path.rename(path.with_name("scores.previous.h5"))
        write(path, [2])
        assert numbers(path) == [2]
        assert numbers(path.with_name("scores.previous.h5")) == [1]

    def test_in_the_middle_of_writing_the_file_anew(self, path, monkeypatch):
        store = open_store(path)
        store.append(key(1), score(1), COLUMNS)
        monkeypatch.setattr(Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            store.close()
        monkeypatch.undo()
        assert numbers(path) == [1]
        write(path, [2])
        assert numbers(path) == [1, 2]

    def test_leaves_nothing_lying_about_once_the_store_is_opened_again(self, path):
        path.with_name(".scores-a1b2_c3d.h5").touch()
        others = [".scores.h5.lock", ".scores-b-a1b2_c3d.h5", "scores-a1b2_c3d.h5", "scores-b.h5", "scores.csv"]
        for name in others:
            path.with_name(name).touch()
        write(path, [1])
        assert sorted(item.name for item in path.parent.iterdir()) == sorted([*others, "scores.h5"])

    def test_ctrl_c_in_the_middle_of_appending(self, path):
        with open_store(path) as store:
            store.append(key(1), score(1), COLUMNS)
            store._journal = Faulty(store._journal, KeyboardInterrupt(), after=20)
            with pytest.raises(KeyboardInterrupt):
                store.append(key(2), score(2), COLUMNS)
            store.append(key(3), score(3), COLUMNS)
            assert numbers(path) == [1, 3]
        assert numbers(path) == [1, 3]

    def test_ctrl_c_at_the_end_of_appending(self, path):
        with open_store(path) as store:
            store._journal = Faulty(store._journal, KeyboardInterrupt(), after=None)
            with pytest.raises(KeyboardInterrupt):
                store.append(key(1), score(1), COLUMNS)
            assert store.missing(key(1), COLUMNS) == []
        assert numbers(path) == [1]


def interrupt(*_):
    raise KeyboardInterrupt


class Faulty:
    """A journal whose next write writes some bytes (all, with None) and raises; afterwards it is well again."""

    def __init__(self, file, error, after):
        self._file = file
        self._error = error
        self._after = after

    def write(self, data):
        if self._error is None:
            return self._file.write(data)
        self._file.write(data[: self._after])
        error, self._error = self._error, None
        raise error

    def __getattr__(self, name):
        return getattr(self._file, name)


@contextlib.contextmanager
def disk_limit(size):
    """Let no file of this process grow beyond a size; Python ignores the signal that comes with it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestFullDisk:
    def test_is_named_when_appending(self, path):
        with open_store(path) as store:
            store._journal = Faulty(store._journal, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), after=20)
            with pytest.raises(ZcBenchError) as info:
                store.append(key(1), score(1), COLUMNS)
        assert str(info.value) == (
            f"Could not write {path} (No space left on device): free some space. Finished trials are kept."
        )

    @pytest.mark.parametrize("after", [0, 1, 50])
    def test_costs_the_trial_that_did_not_fit_and_no_other(self, path, after):
        with open_store(path) as store:
            store.append(key(1), score(1), COLUMNS)
            store._journal = Faulty(store._journal, OSError(errno.ENOSPC, "full"), after)
            with pytest.raises(ZcBenchError):
                store.append(key(2), score(2), COLUMNS)
            assert numbers(path) == [1]
            assert store.missing(key(2), COLUMNS) == ["swap"]
            store.append(key(3), score(3), COLUMNS)
            assert numbers(path) == [1, 3]
        assert numbers(path) == [1, 3]

    def test_is_survived_for_real(self, path):
        finished = 0
        with open_store(path) as store:
            with disk_limit(5_000), pytest.raises(ZcBenchError, match="File too large"):  # noqa: PT012 - until it is full
                for finished in range(1000):
                    store.append(key(finished), score(finished), COLUMNS)
            assert 10 < finished < 100
            assert journal(path).stat().st_size <= 5_000
            assert numbers(path) == list(range(finished))
            store.append(key(finished), score(finished), COLUMNS)
        assert numbers(path) == list(range(finished + 1))

    def test_when_folding_costs_nothing(self, path):
        store = open_store(path)
        for number in range(40):
            store.append(key(number), score(number), COLUMNS)
        with disk_limit(1_000), pytest.raises(ZcBenchError, match=r"\(File too large\): free some space"):
            store.close()
        assert journal(path).exists()
        assert numbers(path) == list(range(40))
        write(path, [40])
        assert numbers(path) == list(range(41))

    def test_when_appending_and_folding_costs_what_did_not_fit(self, path):
        def fill():
            with open_store(path) as store, disk_limit(1_000):
                for number in range(1000):
                    store.append(key(number), score(number), COLUMNS)

        with pytest.raises(ZcBenchError, match="free some space"):
            fill()
        finished = numbers(path)
        assert finished == list(range(len(finished)))
        assert finished

    def test_when_opening_costs_nothing(self, path):
        abandon(path, range(40))
        before = path.read_bytes(), journal(path).read_bytes()
        with disk_limit(1_000), pytest.raises(ZcBenchError, match="free some space"):
            open_store(path)
        assert (path.read_bytes(), journal(path).read_bytes()) == before
        write(path, [40])
        assert numbers(path) == list(range(41))

    def test_lets_others_write_afterwards(self, path):
        store = open_store(path)
        store.append(key(1), score(1), COLUMNS)
        with disk_limit(10), pytest.raises(ZcBenchError):
            store.close()
        store.close()
        write(path, [2])


@contextlib.contextmanager
def running_writer(path, first):
    """Run a process that writes to a store until it is killed; give it and the connection on which it reports."""
    # A server that has imported the package forks writers in milliseconds, and has no threads of its own.
    context = get_context("forkserver")
    context.set_forkserver_preload(["zc_bench.store"])
    ours, theirs = context.Pipe(duplex=False)
    writer = context.Process(target=write_for_ever, args=(path, theirs, first), daemon=True)
    writer.start()
    theirs.close()
    try:
        yield writer, ours
    finally:
        writer.kill()
        writer.join()
        writer.close()
        ours.close()


def drain(connection, last=-1):
    """Return the last number that a writer reported."""
    with contextlib.suppress(EOFError):
        while connection.poll():
            last = connection.recv()
    return last


def kill_again_and_again(path, kills, dice):
    """Kill a writer at random moments; return how many trials were reported, and which of them the store lacks."""
    reported, lost, first = 0, [], 0
    for _ in range(kills):
        with running_writer(path, first) as (writer, connection):
            # Now and then it is hit while it opens the store.
            if dice.random() < 0.8:
                assert connection.poll(30)
            time.sleep(dice.uniform(0, 0.05))
            writer.kill()
            writer.join()
            last = drain(connection)
        reported += max(0, last - first + 1)
        if not path.exists():
            assert last < 0
            continue
        newest = {int(trial.scores["swap@1"].value) for trial in read_store(path).trials.values()}
        # A later trial with the same key replaces an earlier one.
        survived = {number for n in newest for number in range(n, first - 1, -KEYS)}
        lost += sorted(set(range(first, last + 1)) - survived)
        first = max(newest, default=-1) + 1
    return reported, lost


class TestKill:
    """SIGKILL at random moments: while opening, appending, folding."""

    def test_loses_nothing_that_was_finished(self, path):
        reported, lost = kill_again_and_again(path, 20, random.Random(0))
        assert reported > 100
        assert lost == []
        write(path, [10**9])
        assert max(numbers(path)) == 10**9
        assert sorted(item.name for item in path.parent.iterdir()) == [".scores.h5.lock", "scores.h5"]

    @pytest.mark.slow
    def test_loses_nothing_in_300_kills(self, path):
        reported, lost = kill_again_and_again(path, 300, random.Random(1))
        assert reported > 1500
        assert lost == []

    def test_does_not_lock_out_the_next_writer(self, path):
        with running_writer(path, 0) as (_, connection):
            assert connection.poll(30)
            with pytest.raises(ZcBenchError, match="Another process is writing"):
                open_store(path)
        write(path, [1])
