"""The wheel: built, installed where there is no checkout, and used."""

import importlib.metadata
import importlib.util
import json
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from environments import link_packages, new_environment, run

CHECKOUT = Path(__file__).resolve().parents[1]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not importlib.util.find_spec("hatchling"), reason="building a wheel offline needs hatchling"
    ),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    words = ["--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, CHECKOUT]
    built = run("-m", "pip", "wheel", "--quiet", *words)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A new environment with the wheel, and behind it the packages of this one.

    `bin` is returned.
    """
    folder = tmp_path_factory.mktemp("installed") / "environment"
    python = new_environment(folder)
    # By the pip of this environment, before its packages are seen: among them is the checkout.
    done = run(
        "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", wheel
    )
    assert done.returncode == 0, done.stderr
    link_packages(folder)
    return python.parent


@pytest.fixture
def zc_bench(installed, data_folder, tmp_path):
    """Run the command that the wheel installs, in an empty folder; return what it prints."""

    def call(*words):
        done = run(*words, python=installed / "zc-bench", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def kept_files():
    """All files of the package in the checkout, and what comes with it, under the names that they have in the wheel."""
    package = CHECKOUT / "zc_bench"
    files = {path.relative_to(CHECKOUT).as_posix() for path in package.rglob("*") if path.is_file()}
    beside = {
        "shipped": CHECKOUT / "results" / "shipped",
    }
    others = {
        f"zc_bench/{name}/{path.name}"
        for name, folder in beside.items()
        for path in folder.iterdir()
    }
    return {name for name in files | others if "__pycache__" not in name}


def test_it_holds_the_package_with_experiments_and_scores_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == kept_files()
    needed = {
        *(
            "py.typed",
            "paper/specs/figure4.toml",
            "paper/specs/table3.toml",
            "shipped/nb201.h5",
            "tables/registry.toml",
            "tables/shipped/nb201_zen.table.gz",
        ),
        *(
            "paper/published_searches.csv",
            "paper/published_spearman.csv",
            "report/page.html",
            "report/report.css",
            "report/report.js",
        ),
    }
    assert {f"zc_bench/{name}" for name in needed} <= names


def test_what_it_says_of_itself(installed, tmp_path):
    code = (
        "import zc_bench, importlib.metadata as m; print(zc_bench.__file__, m.version('zc-bench'), "
        "sep='\\n')"
    )
    place, version = run("-c", code, python=installed / "python", cwd=tmp_path).stdout.split()
    assert Path(place).is_relative_to(installed.parent)
    assert version == importlib.metadata.version("zc-bench")


def test_it_lists_proxies(zc_bench):
    assert "swap@1" in zc_bench("list", "proxies")


def test_it_scores(zc_bench):
    scored = json.loads(
        zc_bench(
            *("score", "--space", "nb201", "--arch", "(4, 0, 3, 1, 4, 3)", "--task", "cifar10"),
            *("--proxies", "params,swap", "--inputs", "noise", "--batch-size", 4, "--json"),
        )
    )
    assert {name: score["status"] for name, score in scored["scores"].items()} == {
        "params": "done",
        "swap": "done",
    }


def test_a_plugin_joins_it_and_leaves(installed, zc_bench, tmp_path):
    pytest.importorskip(
        "setuptools", reason="building the example plug-in offline needs setuptools"
    )
    # A copy, for building leaves files behind.
    source = shutil.copytree(CHECKOUT / "examples" / "plugin", tmp_path / "plugin")
    pip = ("-m", "pip", "--python", installed / "python")
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation")
    joined = run(*pip, "install", *options, source)
    assert joined.returncode == 0, joined.stderr
    assert "meco_layers@1" in zc_bench("list", "proxies")
    left = run(*pip, "uninstall", "--quiet", "--yes", "zc-bench-example")
    assert left.returncode == 0, left.stderr
    assert "meco_layers@1" not in zc_bench("list", "proxies")


def test_it_correlates_and_reports(zc_bench, tmp_path):
    run_of_three = ("--space", "nb201", "--task", "cifar10", "--samples", 3, "--seeds", 1)
    options = ("--proxies", "params,swap", "--inputs", "noise", "--out", "out")
    zc_bench("correlate", *run_of_three, *options)
    means = pd.read_csv(tmp_path / "out" / "spearman.csv", index_col=0)
    assert sorted(means.index) == ["params", "swap"]
    assert means.notna().all().all()


def test_it_reproduces_a_figure(zc_bench, tmp_path):
    zc_bench("reproduce", "figure6", "--out", "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "figure6.csv",
        "figure6.pdf",
        "figure6.png",
    }


def test_it_finds_its_experiments_and_published_numbers(zc_bench, tmp_path):
    size = (
        "--samples",
        3,
        "--seeds",
        1,
        "--spaces",
        "nb201",
        "--inputs",
        "noise",
        "--budget",
        "none",
    )
    zc_bench("reproduce", "figure4", *size, "--out", "out")
    assert (tmp_path / "out" / "figure4-published.csv").is_file()
