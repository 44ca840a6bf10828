"""`zc-bench new proxy`: what it writes works as it is."""

import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from zc_bench.cli import app
from zc_bench.errors import ZcBenchError


def new(*words):
    return CliRunner().invoke(app, ["new", "proxy", *map(str, words)])


@pytest.mark.slow
def test_the_skeleton_passes_its_own_test(tmp_path):
    assert new("steep", "--folder", tmp_path / "mine").exit_code == 0
    folder = tmp_path / "mine"
    assert sorted(path.name for path in folder.iterdir()) == ["steep.py", "test_steep.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"1[12] passed", done.stdout)  # one of twelve needs a GPU


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Steep", "no name for a proxy"),
        ("class", "no name for a proxy"),
        ("../steep", "no name for a proxy"),
        ("swap", "a proxy 'swap' already"),
        ("math", "a Python module 'math' already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name, message, tmp_path):
    error = new(name, "--folder", tmp_path).exception
    assert isinstance(error, ZcBenchError)
    assert message in str(error)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_stays(tmp_path):
    (tmp_path / "test_steep.py").write_text("mine")
    error = new("steep", "--folder", tmp_path).exception
    assert "is there already" in str(error)
    assert [path.name for path in tmp_path.iterdir()] == ["test_steep.py"]
    assert (tmp_path / "test_steep.py").read_text() == "mine"
