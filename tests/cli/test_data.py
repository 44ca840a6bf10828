"""`zc-bench data`, as a user calls it."""

import numpy as np
import pytest
from typer.testing import CliRunner

from zc_bench.cli import app
from zc_bench.errors import ZcBenchError
from zc_bench.images.dataset import noise
from zc_bench.spaces import space_registry
from zc_bench.tables import load_published, load_table

GENERATOR = np.random.default_rng(0)
KEY = "(4, 0, 3, 1, 4, 3)"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("ZC_BENCH_DATA", str(folder))
    return folder


def zc_bench(*words, answer=None):
    return CliRunner().invoke(app, ["data", *map(str, words)], input=answer)


def test_list_tells_what_is_here_and_what_was_imported(folder, tmp_path):
    (tmp_path / "mine.csv").write_text(f'arch,cifar10,zen\n"{KEY}",88.5,3\n')
    assert (
        zc_bench(
            "import", tmp_path / "mine.csv", "--space", "nb201", "--task", "cifar10", "--yes"
        ).exit_code
        == 0
    )
    lines = zc_bench("list").stdout.splitlines()
    rows = {tuple(line.split()[:4]) for line in lines if line.split()}
    assert ("nb101", "nasbench_only108.tfrecord", "no", "423,624") in rows
    assert ("nb201", "nb201_zen.zip", "comes", "with") in rows
    assert ("nb201", "zc_nasbench201.json", "no", "cifar10,") in rows
    for name in ("nb201.imported.table.gz", "nb201.scores.table.gz"):
        assert ("nb201", name, "imported", "your") in rows
    assert load_table("nb201").lookup("cifar10", [KEY]) == 88.5
    assert load_published("nb201").scores["cifar10"]["zen"].tolist() == [3.0]


def test_scores_alone_are_imported_if_asked_for(folder, tmp_path):
    (tmp_path / "mine.csv").write_text(f'arch,zen\n"{KEY}",3\n')
    result = zc_bench(
        "import", tmp_path / "mine.csv", "--space", "nb201", "--task", "cifar10", "--scores"
    )
    assert result.exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["nb201.scores.table.gz"]


def test_verify_names_a_wrong_file(folder):
    assert zc_bench("verify").exit_code == 0
    (folder / "nb201_zen.zip").write_bytes(b"other")
    (folder / "zc_nasbench101.json").write_bytes(b"{}")
    result = zc_bench("verify")
    assert isinstance(result.exception, ZcBenchError)
    assert (
        f"Not the published file: {folder / 'nb201_zen.zip'} (get it anew from https://raw"
        in str(result.exception)
    )
    states = {
        line.split()[0]: line for line in result.stdout.splitlines() if line.strip().startswith("/")
    }
    assert "WRONG" in states[str(folder / "nb201_zen.zip")]
    assert "no hash is published" in states[str(folder / "zc_nasbench101.json")]
    assert sum("as published" in line for line in states.values()) == 1


@pytest.mark.usefixtures("folder")
class TestImportAsks:
    @pytest.fixture
    def mine(self, tmp_path):
        path = tmp_path / "mine.csv"
        path.write_text(f'arch,cifar10\n"{KEY}",88.5\n')
        return path

    def test_what_it_will_replace(self, mine):
        result = zc_bench("import", mine, "--space", "nb201", answer="y\n")
        assert result.exit_code == 0
        assert (
            f"every run on nb201 would rest on {mine}. cifar10: 1 in place of 15,625 architectures; "
            in result.stderr
        )
        assert "cifar100: 0 in place of 15,625 architectures" in result.stderr
        assert load_table("nb201").counts() == {"cifar10": 1}

    def test_and_a_no_leaves_all_as_it_was(self, folder, mine):
        result = zc_bench("import", mine, "--space", "nb201", answer="n\n")
        assert result.exit_code == 1
        assert result.stderr.endswith("Nothing was imported.\n")
        assert list(folder.iterdir()) == []

    def test_where_nobody_answers_it_says_what_to_type(self, folder, mine):
        result = zc_bench("import", mine, "--space", "nb201")
        assert "in a script, say --yes" in str(result.exception)
        assert list(folder.iterdir()) == []

    def test_where_there_was_none_it_replaces_none(self, tmp_path):
        (tmp_path / "mine.csv").write_text(
            f'arch,cifar10\n"{space_registry["darts_search"].sample(GENERATOR).key}",88.5\n'
        )
        result = zc_bench("import", tmp_path / "mine.csv", "--space", "darts_search", answer="y\n")
        assert result.exit_code == 0
        assert "mine.csv. cifar10: 1 architectures. For one run only" in result.stderr


def rows_of(result):
    return [line.split() for line in result.stdout.splitlines() if line.split()]


def test_doctor_tells_of_every_task_whether_it_has_ground_truth(folder, tmp_path):
    rows = rows_of(zc_bench("doctor"))
    for space, count in (("nb101", "10,250"), ("nb301", "10,307"), ("tnb101_micro", "4,096")):
        for task in space_registry[space].tasks:
            assert any(
                row[:3] == [space, task, count] and row[-3:] == ["comes", "with", "zc-bench"]
                for row in rows
            )
    (tmp_path / "mine.csv").write_text(f'arch,cifar10\n"{KEY}",88.5\n')
    zc_bench("import", tmp_path / "mine.csv", "--space", "nb201", "--yes")
    lines = [" ".join(row) for row in rows_of(zc_bench("doctor"))]
    assert any(line.startswith("nb201 cifar10 1 your own, imported; ") for line in lines)
    assert (
        "nb201 cifar100 0 none zc-bench data import <file> --space nb201 --task cifar100" in lines
    )


def test_doctor_says_what_to_type(folder):
    (folder / "darts_search.imported.table.gz").touch()
    result = zc_bench("doctor")
    assert result.exit_code == 0
    lines = {row[0]: " ".join(row) for row in rows_of(result)}
    assert lines["darts_cell"] == "darts_cell 0 none zc-bench data fetch darts_cell"
    assert lines["darts"] == "darts 0 none zc-bench data import <file> --space darts"
    assert (
        "darts_search.imported.table.gz is damaged, or of another version" in lines["darts_search"]
    )
    assert "20 images" in lines["cifar10"]


def test_doctor_names_packages_that_are_not_here(folder, monkeypatch):
    monkeypatch.setattr("zc_bench.cli.data.find_spec", lambda _: None)
    monkeypatch.setattr("zc_bench.cli.data.find_images", lambda task: noise(task))
    assert "pip install 'zc-bench[gdown]'" in zc_bench("doctor").stdout


def test_fetch_finds_what_is_here(folder):
    (folder / "nb201_zen.zip").touch()
    assert zc_bench("fetch", "nb201").stdout == f"{folder / 'nb201_zen.zip'}\n"
