"""The data folder, and files that are written whole or not at all."""

import errno
import hashlib
import os
from pathlib import Path

import platformdirs
import pytest

from zc_bench._internal.files import data_folder, explaining, read_regular, replacing, sha256
from zc_bench.errors import ZcBenchError


class TestDataFolder:
    def test_is_the_one_that_the_user_names(self, monkeypatch, tmp_path):
        monkeypatch.setenv("ZC_BENCH_DATA", str(tmp_path))
        assert data_folder() == tmp_path

    def test_understands_the_home_folder(self, monkeypatch, tmp_path):
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("ZC_BENCH_DATA", "~/images")
        assert data_folder() == tmp_path / "images"

    @pytest.mark.parametrize("value", [None, ""])
    def test_is_else_the_cache_folder(self, monkeypatch, value):
        monkeypatch.delenv("ZC_BENCH_DATA", raising=False)
        if value is not None:
            monkeypatch.setenv("ZC_BENCH_DATA", value)
        assert data_folder() == platformdirs.user_cache_path("zc-bench")


def fail_after(function, *arguments):
    function(*arguments)
    raise ZeroDivisionError


class TestReplacing:
    def test_writes_the_file(self, tmp_path):
        with replacing(tmp_path / "a.txt") as path:
            path.write_text("new")
        assert (tmp_path / "a.txt").read_text() == "new"

    def test_makes_the_folder(self, tmp_path):
        with replacing(tmp_path / "x" / "y" / "a.txt") as path:
            path.write_text("new")
        assert (tmp_path / "x" / "y" / "a.txt").read_text() == "new"

    def test_keeps_the_old_file_in_sight_until_the_new_one_is_whole(self, tmp_path):
        target = tmp_path / "a.txt"
        target.write_text("old")
        with replacing(target) as path:
            path.write_text("new")
            assert target.read_text() == "old"
        assert target.read_text() == "new"

    def test_keeps_the_old_file_after_an_error(self, tmp_path):
        target = tmp_path / "a.txt"
        target.write_text("old")
        with pytest.raises(ZeroDivisionError), replacing(target) as path:
            fail_after(path.write_text, "half")
        assert target.read_text() == "old"

    def test_leaves_no_other_file(self, tmp_path):
        with replacing(tmp_path / "a.txt") as path:
            path.write_text("text")
        assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]

    def test_leaves_no_file_after_an_error(self, tmp_path):
        with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.txt") as path:
            fail_after(path.write_text, "half")
        assert list(tmp_path.iterdir()) == []

    def test_gives_a_name_with_the_same_ending(self, tmp_path):
        # Libraries choose the format by it.
        with replacing(tmp_path / "a.png") as path:
            assert path.suffix == ".png"
            assert path.parent == tmp_path

    def test_keeps_a_link_and_replaces_what_it_leads_to(self, tmp_path):
        target, link = tmp_path / "elsewhere" / "target.txt", tmp_path / "link.txt"
        target.parent.mkdir()
        target.write_text("old")
        link.symlink_to(target)
        with replacing(link) as path:
            path.write_text("new")
        assert link.is_symlink()
        assert target.read_text() == "new"
        assert sorted(item.name for item in tmp_path.iterdir()) == ["elsewhere", "link.txt"]

    def test_lets_others_read_the_file(self, tmp_path):
        with replacing(tmp_path / "a.txt") as path:
            path.write_text("text")
        assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o644


class TestExplaining:
    def test_advises_to_free_space_where_the_disk_is_full(self):
        with pytest.raises(ZcBenchError) as info, explaining(Path("a.h5")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        assert str(info.value) == (
            "Could not write a.h5 (No space left on device): free some space. Finished trials are kept."
        )

    def test_advises_to_choose_another_folder_where_one_cannot_write(self, tmp_path):
        (tmp_path / "file").touch()
        with (
            pytest.raises(
                ZcBenchError, match=r"\(Not a directory\): choose a folder that can be written to"
            ),
            explaining(tmp_path),
        ):
            (tmp_path / "file" / "folder").mkdir()

    def test_leaves_other_errors_alone(self):
        with pytest.raises(KeyError), explaining("a"):
            raise KeyError


class TestReadRegular:
    def test_gives_the_bytes(self, tmp_path):
        (tmp_path / "a").write_bytes(b"\0\n")
        assert read_regular(tmp_path / "a") == b"\0\n"

    def test_does_not_wait_for_a_pipe(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path / "pipe", tmp_path):
            with pytest.raises(OSError, match="it is no regular file"):
                read_regular(path)


def test_sha256_is_that_of_the_bytes(tmp_path):
    content = bytes(range(256)) * 10_000
    (tmp_path / "a").write_bytes(content)
    assert sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()
