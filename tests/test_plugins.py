"""Plug-ins of others: one file, and the example package from its installation to its removal."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from zc_bench.cli import app
from zc_bench.errors import ZcBenchError
from zc_bench.registry import (
    PLUGIN_VARIABLE,
    add_plugin_file,
    imported_files,
    load_plugins,
    receive_plugin_file,
)

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "plugin"

MINE = '''
from dataclasses import dataclass
from zc_bench import proxy
from zc_bench.passes.network_size import NetworkSize

@dataclass(frozen=True)
class Kilo:
    """Looks up its module, as dataclasses do."""
    value: "float"

@proxy("kiloparams", source="nobody")
def kiloparams(size: NetworkSize) -> float:
    """Thousands of parameters."""
    return Kilo(size.parameters / 1000).value
'''


def run(*words, python=sys.executable):
    """Run Python in a process of its own."""
    return subprocess.run(
        [python, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )


def zc_bench(*words, python=sys.executable):
    return run("-c", "from zc_bench.cli import main; main()", *words, python=python)


CORRELATE = (
    *(
        "correlate",
        "--space",
        "nb201",
        "--task",
        "cifar10",
        "--samples",
        "4",
        "--seeds",
        "1",
    ),
    *("--batch-size", "4", "--inputs", "noise", "--device", "cpu"),
)


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    return path


class TestFile:
    def test_one_that_is_good_serves_beside_one_that_is_broken(self, mine, tmp_path):
        (tmp_path / "broken.py").write_text("import sys\nsys.exit('no')\n")
        done = zc_bench("--plugin", tmp_path / "broken.py", "--plugin", mine, "list", "proxies")
        assert done.returncode == 0
        assert "kiloparams@1  Thousands of parameters." in done.stdout
        assert done.stderr.count("was left out, its import failed: SystemExit: no") == 1

    def test_one_that_is_absent_is_refused(self, tmp_path):
        refused = CliRunner().invoke(
            app, ["--plugin", str(tmp_path / "gone.py"), "list", "proxies"]
        )
        assert refused.exit_code == 2
        assert "does not exist" in refused.output

    @pytest.mark.slow
    @pytest.mark.usefixtures("data_folder")
    def test_workers_load_it_too(self, mine, tmp_path):
        out = tmp_path / "out"
        words = [*CORRELATE, "--proxies", "kiloparams,params", "--workers", "2", "--out", out]
        done = zc_bench("--plugin", mine, *words)
        assert done.returncode == 0, done.stderr
        means = pd.read_csv(out / "spearman.csv", index_col=0)
        assert means.notna().all().all()
        assert means.loc["kiloparams"].equals(means.loc["params"].rename("kiloparams"))

    def test_is_listed_for_processes_that_are_started(self, tmp_path, monkeypatch):
        monkeypatch.setenv(PLUGIN_VARIABLE, str(tmp_path / "one.py"))
        add_plugin_file(tmp_path / "two.py")
        assert os.environ[PLUGIN_VARIABLE] == os.pathsep.join(
            str(tmp_path / name) for name in ("one.py", "two.py")
        )

    def test_one_that_cannot_be_found_is_named(self, tmp_path, monkeypatch):
        monkeypatch.setenv(
            PLUGIN_VARIABLE, f"{tmp_path / 'gone.py'}{os.pathsep}{tmp_path / 'data.bin'}"
        )
        gone, no_python = load_plugins()
        assert (gone.name, gone.value) == ("gone", str(tmp_path / "gone.py"))
        assert gone.error.startswith("FileNotFoundError")
        assert no_python.error == "ImportError: it is no Python file"

    def test_is_run_once(self, tmp_path, monkeypatch):
        path, log = tmp_path / "counting.py", tmp_path / "log"
        path.write_text(f"with open({str(log)!r}, 'a') as file:\n    file.write('run ')\n")
        monkeypatch.setenv(PLUGIN_VARIABLE, os.pathsep.join([str(path), str(path)]))
        assert load_plugins() == load_plugins() == ()
        assert log.read_text() == "run "


class TestReceived:
    """A file that another process has loaded."""

    def test_is_loaded_once_and_passed_on_as_it_was(self, tmp_path):
        there, log = Path("/elsewhere") / tmp_path.name / "mine.py", tmp_path / "log"
        source = f"with open({str(log)!r}, 'a') as file:\n    file.write(__file__)\n".encode()
        for _ in range(2):
            receive_plugin_file(there, source, tmp_path)
        (copy,) = tmp_path.glob("*/mine.py")
        assert log.read_text() == str(copy)
        assert imported_files()[there] == source

    def test_that_this_process_has_is_not_loaded_again(self, tmp_path, monkeypatch):
        path, log = tmp_path / "mine.py", tmp_path / "log"
        path.write_text(f"with open({str(log)!r}, 'a') as file:\n    file.write('run ')\n")
        monkeypatch.setenv(PLUGIN_VARIABLE, str(path))
        source = path.read_bytes()
        receive_plugin_file(path, source, tmp_path)
        assert log.read_text() == "run "
        assert list(tmp_path.glob("*/mine.py")) == []
        with pytest.raises(
            ZcBenchError, match=r"mine\.py as it was before it was changed: start the worker again"
        ):
            receive_plugin_file(path, source + b"# changed", tmp_path)

    def test_that_is_broken_here_is_named(self, tmp_path):
        there = Path("/elsewhere") / tmp_path.name / "broken.py"
        for _ in range(2):
            with pytest.raises(ZcBenchError, match=r"The plug-in 'broken' .* ZeroDivisionError"):
                receive_plugin_file(there, b"1 / 0", tmp_path)
        assert there not in imported_files()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A new environment that can import the packages of this one; nothing is downloaded."""
    pytest.importorskip("setuptools")
    folder = tmp_path_factory.mktemp("fresh") / "environment"
    assert run("-m", "venv", "--without-pip", folder).returncode == 0
    python = folder / "bin" / "python"
    there = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    # By `addsitedir`, so that this environment's own links to packages are followed too.
    link = Path(there) / "packages_of_the_tests.pth"
    link.write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    return python


@pytest.mark.slow
@pytest.mark.usefixtures("data_folder")
def test_the_example_from_its_installation_to_its_removal(fresh, tmp_path):
    source = shutil.copytree(
        EXAMPLE, tmp_path / "plugin", ignore=shutil.ignore_patterns("__pycache__")
    )

    def succeed(act, *words):
        done = act(*words, python=fresh)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "meco_layers@1" not in succeed(zc_bench, "list", "proxies")
    succeed(
        run,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        source,
    )
    assert "meco_layers@1" in succeed(zc_bench, "list", "proxies")
    assert "bn_score@1" in succeed(zc_bench, "list", "proxies")
    out = tmp_path / "out"
    words = [*CORRELATE, "--proxies", "meco_layers,bn_score,params", "--out", out]
    succeed(zc_bench, *words)
    means = pd.read_csv(out / "spearman.csv", index_col=0)
    assert sorted(means.index) == ["bn_score", "meco_layers", "params"]
    assert means.notna().all().all()
    assert "passed" in succeed(
        run, "-m", "pytest", "-q", "-p", "no:cacheprovider", source / "tests"
    )
    succeed(run, "-m", "pip", "uninstall", "--quiet", "--yes", "zc-bench-example")
    assert "meco_layers@1" not in succeed(zc_bench, "list", "proxies")
