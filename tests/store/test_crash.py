"""A writer that dies, is interrupted, or finds the disk full, at any step."""

import contextlib
import errno
import os
import resource
from pathlib import Path

import pytest
from store_writer import COLUMNS, abandon, journal, key, numbers, open_store, score, write

from zc_bench.errors import ZcBenchError


def interrupt(*_, **__):
    raise KeyboardInterrupt


class Faulty:
    """A journal whose next write writes some bytes (all, with None) and raises.

    Afterwards it is well again.
    """

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

    def test_between_folding_an_old_store_and_setting_it_aside(self, path, monkeypatch):
        abandon(path, [1])
        monkeypatch.setattr(Path, "unlink", interrupt)
        with pytest.raises(KeyboardInterrupt):
            open_store(path, fresh=True)
        monkeypatch.undo()
        assert numbers(path) == [1]
        with open_store(path, fresh=True):
            pass
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
        others = [
            ".scores.h5.lock",
            ".scores-b-a1b2_c3d.h5",
            "scores-a1b2_c3d.h5",
            "scores-b.h5",
            "scores.csv",
        ]
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


@contextlib.contextmanager
def disk_limit(size):
    """Let no file of this process grow beyond a size.

    Python ignores the signal that comes with it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestFullDisk:
    def test_is_named_when_appending(self, path):
        with open_store(path) as store:
            store._journal = Faulty(
                store._journal, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), after=20
            )
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
        with (
            disk_limit(1_000),
            pytest.raises(ZcBenchError, match=r"\(File too large\): free some space"),
        ):
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
