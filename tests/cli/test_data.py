"""`zc-bench data`, as a user calls it."""

import pytest
from typer.testing import CliRunner

from zc_bench.cli import app
from zc_bench.errors import ZcBenchError
from zc_bench.images.dataset import noise
from zc_bench.tables import load_published, load_table

KEY = "(4, 0, 3, 1, 4, 3)"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("ZC_BENCH_DATA", str(folder))
    return folder


def zc_bench(*words):
    return CliRunner().invoke(app, ["data", *map(str, words)])


def test_list_tells_what_is_here_and_what_was_imported(folder, tmp_path):
    (tmp_path / "mine.csv").write_text(f'arch,cifar10,zen\n"{KEY}",88.5,3\n')
    assert (
        zc_bench("import", tmp_path / "mine.csv", "--space", "nb201", "--task", "cifar10").exit_code
        == 0
    )
    lines = zc_bench("list").stdout.splitlines()
    rows = {tuple(line.split()[:4]) for line in lines if line.split()}
    assert ("nb101", "nasbench_only108.tfrecord", "no", "423,624") in rows
    assert ("nb201", "data.anb", "yes", "15,625") in rows
    for name in ("nb201.imported.h5", "nb201.scores.h5"):
        assert ("nb201", name, "yes", "your") in rows
    assert load_table("nb201").lookup("cifar10", [KEY]) == 88.5
    assert load_published("nb201").scores["cifar10"]["zen"].tolist() == [3.0]


def test_scores_alone_are_imported_if_asked_for(folder, tmp_path):
    (tmp_path / "mine.csv").write_text(f'arch,zen\n"{KEY}",3\n')
    result = zc_bench(
        "import", tmp_path / "mine.csv", "--space", "nb201", "--task", "cifar10", "--scores"
    )
    assert result.exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["nb201.scores.h5"]


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


def test_doctor_says_what_to_type(folder):
    (folder / "zc_nasbench101.json").touch()
    (folder / "tnb101_macro_zen.zip").touch()
    (folder / "darts.imported.h5").touch()
    result = zc_bench("doctor")
    assert result.exit_code == 0
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.split()}
    assert "zc-bench data fetch nb201" in lines["nb201"]
    assert "zc-bench data fetch nb101" in lines["nb101"]
    assert "fetch" not in lines["tnb101_macro"]
    assert "darts.imported.h5" in lines["darts"]
    assert "20 images" in lines["cifar10"]


def test_doctor_names_packages_that_are_not_here(folder, monkeypatch):
    monkeypatch.setattr("zc_bench.cli.data.find_spec", lambda _: None)
    monkeypatch.setattr("zc_bench.cli.data.find_images", lambda task: noise(task))
    assert "pip install gdown" in zc_bench("doctor").stdout


def test_fetch_finds_what_is_here(folder):
    (folder / "nb201_zen.zip").touch()
    assert zc_bench("fetch", "nb201").stdout == f"{folder / 'nb201_zen.zip'}\n"
