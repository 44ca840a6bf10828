"""Damaged files and journals are named, and cost nothing that is whole."""

import contextlib
import random

import h5py
import pytest
from store_writer import COLUMNS, abandon, journal, key, numbers, open_store, score, write

from zc_bench.errors import ZcBenchError
from zc_bench.store import read_store


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
        for damage in (
            b"\0\0\0\n",
            b"[]\n",
            b"3\n",
            b'{"task": "a"}\n',
            lines[1].replace(b"done", b"dome"),
        ):
            journal(path).write_bytes(lines[0] + damage + lines[2])
            with pytest.raises(
                ZcBenchError, match=r"^Line 2 of .*scores.h5.journal is damaged \(.*\): delete that"
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
        with pytest.raises(ZcBenchError, match=r"\(its format is 3, this version reads 2 and 1\)"):
            read_store(path)
