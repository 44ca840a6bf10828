"""Damaged files and journals are named, and cost nothing that is whole."""

import contextlib
import io
import json
import os
import random

import h5py
import numpy as np
import pytest
from store_writer import COLUMNS, abandon, journal, key, numbers, open_store, score, write

from zc_bench.errors import ZcBenchError, ZcBenchWarning
from zc_bench.store import hdf5, read_store


def flip(data, place, dice):
    """Flip one bit."""
    return data[:place] + bytes([data[place] ^ 1 << dice.randrange(8)]) + data[place + 1 :]


def sign(path):
    """Give a file the digest of what it holds."""
    data = path.read_bytes()
    path.write_bytes(hdf5._first_line(memoryview(data)[512:]) + data[512:])


def change(path, edit):
    """Change a file and its digest."""
    with h5py.File(path, "a") as file:
        edit(file)
    sign(path)


class TestForm:
    """What is whole and yet no store."""

    @pytest.mark.parametrize(
        "edit",
        [
            lambda file: file.attrs.update(fingerprints="[]"),
            lambda file: file.attrs.update(fingerprints='{"protocol": 3}'),
            lambda file: file.attrs.update(fingerprints="[" * 100_000),
            lambda file: file.attrs.update(provenance="3"),
            lambda file: file.attrs.update(other_provenance="{}x"),
            lambda file: file.attrs.update(other_provenance="[3]"),
            lambda file: replace(file, "trials/seed", [0.5, 1, 2]),
            lambda file: replace(file, "trials/seed", [[0], [1], [2]]),
            lambda file: replace(file, "trials/seed", [0, 1]),
            lambda file: replace(file, "trials/seed", 0),
            lambda file: replace(file, "trials/task", [1, 2, 3]),
            lambda file: replace(file, "scores/swap@1/value", [1, 2, 3]),
            lambda file: replace(file, "scores/swap@1/status", np.array([1, 1, 9], np.uint8)),
            lambda file: replace(file, "passes/forward", ["a", "b", "c"]),
            lambda file: file.move("scores/swap@1", "scores/swap"),
            lambda file: file.move("scores/swap@1", "scores/swap@one"),
            lambda file: endless(file, "trials/seed"),
            lambda file: elsewhere(file, "trials/seed"),
            lambda file: virtual(file, "trials/seed"),
        ],
    )
    def test_is_one_sentence(self, path, edit):
        write(path, range(3))
        change(path, edit)
        with pytest.raises(
            ZcBenchError, match=r"is not a store of zc-bench, or damaged \(.*\): move it away, or"
        ):
            read_store(path)


def replace(file, name, values):
    del file[name]
    file[name] = values


def endless(file, name):
    """Make an array of 2**50 numbers that takes no place."""
    del file[name]
    file.create_dataset(name, (2**50,), np.int64, chunks=(1024,), compression="gzip")


def elsewhere(file, name):
    """Make an array whose bytes are those of another file."""
    del file[name]
    file.create_dataset(name, (3,), np.int64, external=[("/etc/passwd", 0, 24)])


def virtual(file, name):
    """Make an array that lies in another file."""
    layout = h5py.VirtualLayout((3,), np.int64)
    layout[:] = h5py.VirtualSource("other.h5", "x", (3,))
    del file[name]
    file.create_virtual_dataset(name, layout)


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

    def test_a_damaged_line_is_named_and_costs_its_trial_alone(self, path):
        abandon(path, range(3))
        lines = journal(path).read_bytes().splitlines(keepends=True)
        dice = random.Random(0)
        flipped = [
            flip(lines[1][:-1], place, dice) + b"\n" for place in range(0, len(lines[1]) - 1, 3)
        ]
        for damage in (
            b"\0\0\0\n",
            b"[]\n",
            b"3\n",
            *(line for line in flipped if line.count(b"\n") == 1),
        ):
            journal(path).write_bytes(lines[0] + damage + lines[2])
            named = r"^Line 2 of .*scores.h5.journal is damaged \(.*\) and left out: run the same command"
            with pytest.warns(ZcBenchWarning, match=named):
                assert numbers(path) == [0, 2]
        with pytest.warns(ZcBenchWarning, match="^Line 2 of"):
            store = open_store(path)
        with store:
            assert store.missing(key(1), COLUMNS) == ["swap"]
            store.append(key(1), score(1), COLUMNS)
        assert numbers(path) == [0, 1, 2]

    @pytest.mark.parametrize(
        "change",
        [
            {"seed": "x"},
            {"seed": 10**30},
            {"seed": True},
            {"seed": 0.0},
            {"task": None},
            {"task": "a\0b"},
            {"architecture": ["x"]},
            {"architecture": "\ud800"},
            {"scores": []},
            {"scores": {"swapH1": [1.0, "done", "", 0.0]}},
            {"scores": {"a/b@1": [1.0, "done", "", 0.0]}},
            {"scores": {"..@1": [1.0, "done", "", 0.0]}},
            {"scores": {"swap@x": [1.0, "done", "", 0.0]}},
            {"scores": {"swap@1": [1.0, "dome", "", 0.0]}},
            {"scores": {"swap@1": ["1.0", "done", "", 0.0]}},
            {"scores": {"swap@1": [10**400, "done", "", 0.0]}},
            {"scores": {"swap@1": [1.0, "done", None, 0.0]}},
            {"scores": {"swap@1": [1.0, "done", "", None]}},
            {"scores": {"swap@1": [1.0]}},
            {"passes": None},
            {"passes": {"a/b": 1.0}},
            {"passes": {"": 1.0}},
            {"passes": {"forward": "1"}},
            {"peaks": {"forward": 1.5}},
            {"peaks": {"forward": 2**63}},
            {"drawn": 3},
            {"drawn": [["cifar10", 0]]},
            {"drawn": [["cifar10", "0", ["x"]]]},
            {"drawn": [["cifar10", 0, "xyz"]]},
            {"drawn": [["cifar10", 0, [3]]]},
        ],
    )
    def test_a_line_of_another_form_is_left_out_too(self, path, change):
        abandon(path, range(3))
        lines = journal(path).read_bytes().splitlines(keepends=True)
        # As the first weeks wrote lines: without a digest, which would find out that this one was
        # changed.
        changed = json.dumps(json.loads(lines[1].split(b" ", 1)[1]) | change).encode() + b"\n"
        journal(path).write_bytes(lines[0] + changed + lines[2])
        with pytest.warns(ZcBenchWarning, match=r"^Line 2 of .* is damaged"):
            assert numbers(path) == [0, 2]

    @pytest.mark.parametrize(
        "line", [b"null", b"[" * 100_000, b'{"task":' * 100_000, b'{"seed": ' + b"9" * 5000 + b"}"]
    )
    def test_a_line_that_no_parser_likes_is_left_out_too(self, path, line):
        abandon(path, range(2))
        journal(path).write_bytes(line + b"\n" + journal(path).read_bytes())
        with pytest.warns(ZcBenchWarning, match=r"^Line 1 of .* is damaged"):
            assert numbers(path) == [0, 1]

    def test_lines_of_the_first_weeks_are_read(self, path):
        abandon(path, range(3))
        lines = journal(path).read_bytes().splitlines(keepends=True)
        journal(path).write_bytes(b"".join(line.split(b" ", 1)[1] for line in lines))
        assert numbers(path) == [0, 1, 2]

    def test_a_journal_that_is_a_folder_is_named(self, path):
        write(path, [1])
        journal(path).mkdir()
        for read in (read_store, open_store):
            with pytest.raises(
                ZcBenchError, match=r"scores.h5.journal, the journal of scores.h5, cannot be read"
            ):
                read(path)

    def test_of_a_single_bit_of_the_file_is_found(self, path):
        write(path, range(3))
        whole = path.read_bytes()
        dice = random.Random(0)
        for _ in range(400):
            path.write_bytes(flip(whole, dice.randrange(len(whole)), dice))
            with pytest.raises(
                ZcBenchError, match=r"damaged \(it does not match its digest\): move it away"
            ):
                read_store(path)

    def test_the_file_is_one_of_hdf5(self, path):
        write(path, range(3))
        assert path.read_bytes().startswith(
            b"A store of zc-bench, an HDF5 file. SHA-256 from byte 512: "
        )
        with h5py.File(path, "r") as file:
            assert sorted(file) == ["drawn", "passes", "scores", "trials"]
            assert file["scores/swap@1/value"][:].tolist() == [0, 1, 2]

    def test_a_file_of_the_first_weeks_is_read(self, path):
        write(path, range(3))
        plain = io.BytesIO()
        with h5py.File(path, "r") as file, h5py.File(plain, "w") as copy:
            for name in file:
                file.copy(name, copy)
            copy.attrs.update(file.attrs)
        path.write_bytes(plain.getvalue())
        assert numbers(path) == [0, 1, 2]
        write(path, [3])
        assert path.read_bytes().startswith(b"A store of zc-bench")
        assert numbers(path) == [0, 1, 2, 3]

    def test_a_pipe_is_no_store(self, path):
        os.mkfifo(path)
        with pytest.raises(
            ZcBenchError, match=r"is not a store of zc-bench, or damaged .*regular file"
        ):
            read_store(path)

    def test_of_the_file_is_named_wherever_it_was_cut_short(self, path):
        write(path, range(3))
        whole = path.read_bytes()
        for size in {*range(0, len(whole), 499), len(whole) - 1}:
            path.write_bytes(whole[:size])
            with pytest.raises(
                ZcBenchError,
                match=r"is not a store of zc-bench, or damaged \(.*\): move it away, or",
            ):
                read_store(path)

    def test_of_the_file_never_ends_in_another_error(self, path):
        write(path, range(3))
        whole = path.read_bytes()
        dice = random.Random(0)
        for _ in range(100):
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
            file.attrs["format"] = 3
        sign(path)
        with pytest.raises(ZcBenchError, match=r"\(its format is 3, this version reads 2 and 1\)"):
            read_store(path)
