"""A disk that is full: at every single write in turn, and for real on a file system of a few pages."""

import errno
import io
import os
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
from store_writer import COLUMNS, KEYS, key, numbers, open_store, score, write

from zc_bench.errors import ZcBenchError

TRIALS = range(5)


pytestmark = pytest.mark.usefixtures("no_syncing")


class Disk:
    """Counts whatever takes space, and refuses it from some step on, writing half of what it is given."""

    def __init__(self, monkeypatch):
        self.steps = 0
        self.full = range(0)
        plainly = Path.open
        disk = self

        class File(io.FileIO):
            def write(self, data):
                return (
                    super().write(data)
                    if disk.has_room()
                    else disk.refuse(super().write(data[: len(data) // 2]))
                )

        def opened(path, mode="r", *arguments, **named):
            return (
                File(path, mode[0])
                if mode in ("ab", "wb")
                else plainly(path, mode, *arguments, **named)
            )

        monkeypatch.setattr(Path, "open", opened)
        syncing = os.fsync
        # The names of a folder take no space.
        refusing = self.watching(syncing)
        monkeypatch.setattr(
            os, "fsync", lambda file: (syncing if _is_folder(file) else refusing)(file)
        )
        for owner, name in [(tempfile, "mkstemp"), (Path, "replace"), (Path, "mkdir")]:
            monkeypatch.setattr(owner, name, self.watching(getattr(owner, name)))

    def watching(self, step):
        return lambda *given, **named: step(*given, **named) if self.has_room() else self.refuse()

    def has_room(self):
        self.steps += 1
        return self.steps - 1 not in self.full

    def refuse(self, *_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _is_folder(descriptor):
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def fill(path, trials=TRIALS):
    """Write trials until the disk is full; return those that were finished, and what was said."""
    finished = []
    try:
        with open_store(path) as store:
            store.record_drawn({("cifar10", 0): [key(number).architecture for number in TRIALS]})
            for number in trials:
                store.append(key(number), score(number), COLUMNS)
                finished.append(number)
    except ZcBenchError as error:
        return finished, str(error)
    return finished, ""


def expect_nothing_lost(path, finished, said):
    """Expect one clear sentence, every finished trial, and nothing else."""
    assert (
        said
        == f"Could not write {path} (No space left on device): free some space. Finished trials are kept."
    )
    assert (numbers(path) if path.exists() else []) == finished


@pytest.mark.parametrize("steps", [1, 1000], ids=["for a moment", "until space is freed"])
def test_at_every_write_in_turn_costs_no_finished_trial(steps, tmp_path, monkeypatch):
    disk = Disk(monkeypatch)
    assert fill(tmp_path / "whole" / "scores.h5") == (list(TRIALS), "")
    whole = disk.steps
    # Twice the HDF5 file (a temporary name, bytes, to the disk, in place), the folder, six lines,
    # the last to the disk.
    assert whole >= 16
    kept = set()
    for step in range(whole):
        path = tmp_path / str(step) / "scores.h5"
        disk.steps, disk.full = 0, range(step, step + steps)
        finished, said = fill(path)
        expect_nothing_lost(path, finished, said)
        kept.add(len(finished))
        disk.full = range(0)
        write(path, [number for number in TRIALS if number not in finished])
        assert numbers(path) == list(TRIALS)
        assert sorted(item.name for item in path.parent.iterdir()) == [
            ".scores.h5.lock",
            "scores.h5",
        ]
    assert kept == set(range(1 + len(TRIALS)))


def test_the_trial_that_did_not_fit_can_be_added_once_there_is_space(path, monkeypatch):
    disk = Disk(monkeypatch)
    with open_store(path) as store:
        for number in TRIALS:
            disk.full = range(disk.steps, disk.steps + 1)
            with pytest.raises(ZcBenchError, match="free some space"):
                store.append(key(number), score(number), COLUMNS)
            store.append(key(number), score(number), COLUMNS)
            assert numbers(path) == list(range(number + 1))


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 160 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"needs the right to mount a file system: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_for_real_costs_no_finished_trial(small_disk):
    lengths = set()
    for pages in range(40):
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(4096 * pages))
        path = small_disk / "scores.h5"
        finished, said = fill(path, range(2000))
        # A trial of the same architecture takes the place of an earlier one.
        expect_nothing_lost(path, finished[-KEYS:], said)
        lengths.add(len(finished))
        ballast.unlink()
        for item in small_disk.iterdir():
            item.unlink()
    assert len(lengths) > 10
