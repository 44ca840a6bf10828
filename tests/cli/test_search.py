"""`zc-bench search`, as a user calls it."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from zc_bench.cli import app
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.errors import ZcBenchError
from zc_bench.searches import api
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry

pytestmark = pytest.mark.usefixtures("data_folder")


def zc_bench(*words):
    return CliRunner().invoke(
        app, ["search", "--space", "nb201", "--inputs", "noise", *map(str, words)]
    )


@pytest.fixture
def small(tmp_path):
    """A search that takes a second."""
    return [
        "--proxy",
        "params",
        "--population",
        4,
        "--evaluations",
        12,
        "--batch-size",
        2,
        "--out",
        tmp_path,
    ]


def test_it_writes_what_it_found_and_how(small, tmp_path):
    result = zc_bench(*small, "--algorithm", "swap_nas,random_search", "--seeds", 2)
    assert result.exit_code == 0, result.output
    names = {path.name for path in tmp_path.iterdir()}
    assert {
        "found.json",
        "history.csv",
        "cells.png",
        "cells.pdf",
        "scores.h5",
        "regret.png",
    } <= names
    history = pd.read_csv(tmp_path / "history.csv")
    assert len(history) == 2 * 2 * 12
    assert history["truth_of_best"].between(0, 100).all()
    found = json.loads((tmp_path / "found.json").read_text())["found"]
    assert [(item["algorithm"], item["seed"]) for item in found] == [
        ("swap_nas", 0),
        ("random_search", 0),
        ("swap_nas", 1),
        ("random_search", 1),
    ]
    for item in found:
        rows = history[
            (history["algorithm"] == item["algorithm"]) & (history["seed"] == item["seed"])
        ]
        assert (
            item["parameters"] == rows["parameters"].max()
        )  # the guide was the number of parameters


def test_again_it_finds_the_same_without_scoring(small, tmp_path, monkeypatch):
    assert zc_bench(*small).exit_code == 0
    first = (tmp_path / "history.csv").read_bytes()
    monkeypatch.setattr(ArchitectureScorer, "score", None)
    assert zc_bench(*small).exit_code == 0
    assert (tmp_path / "history.csv").read_bytes() == first


def test_sizes_have_a_limit(small, tmp_path):
    assert zc_bench(*small, "--max-params", 500_000).exit_code == 0
    found = json.loads((tmp_path / "found.json").read_text())["found"]
    assert found[0]["parameters"] <= 500_000


def test_ctrl_c_leaves_what_is_there(small, tmp_path, monkeypatch):
    observe, calls = ArchitectureScorer.score, []

    def interrupted(self, key, names):
        if len(calls) == 5:
            raise KeyboardInterrupt
        calls.append(key)
        return observe(self, key, names)

    monkeypatch.setattr(ArchitectureScorer, "score", interrupted)
    assert zc_bench(*small).exit_code == 130
    assert len(pd.read_csv(tmp_path / "history.csv")) == 5


def test_a_budget_that_is_used_up_ends_it_in_the_middle_of_a_population(small, tmp_path):
    assert zc_bench(*small, "--budget", "0.000001s").exit_code == 0
    assert len(pd.read_csv(tmp_path / "history.csv")) == 1


@pytest.mark.slow
# Dask leaves sockets to the garbage collector.
@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_workers_find_the_same(tmp_path):
    words = [
        "--proxy",
        "swap,grad_norm",
        "--population",
        4,
        "--evaluations",
        10,
        "--batch-size",
        4,
        "--threads",
        1,
    ]
    for count in (1, 2):
        result = zc_bench(*words, "--workers", count, "--out", tmp_path / str(count))
        assert result.exit_code == 0, result.output
    one, two = ((tmp_path / str(count) / "history.csv").read_bytes() for count in (1, 2))
    assert one == two


def test_what_is_misspelt_is_told_before_processes_start(tmp_path, monkeypatch):
    monkeypatch.setattr(api, "open_executor", None)
    assert "did you mean 'swap'" in str(
        zc_bench("--workers", 2, "--proxy", "swop", "--out", tmp_path).exception
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--algorithm", "swapnas"), "did you mean 'swap_nas'"),
        (("--algorithm", ""), "No search algorithm is named"),
        (("--proxy", "swop"), "did you mean 'swap'"),
        (("--task", "jigsaw"), "nb201 has no networks for the task 'jigsaw'"),
        (("--population", 1), "population = 1 will not do"),
        (("--evaluations", 0), "evaluations = 0 will not do"),
        (("--seeds", 0), "seeds = 0 will not do"),
    ],
)
def test_what_is_wrong_is_said(words, expected, tmp_path):
    error = zc_bench("--out", tmp_path, *words).exception
    assert isinstance(error, ZcBenchError)
    assert expected in str(error)
    assert list(tmp_path.iterdir()) == []


def test_darts_is_searched_in_one_cell_that_is_stacked(small, tmp_path):
    """The size is that of the cell, in thousands for mu and sigma.

    The genotype is one of `darts`.
    """
    words = [
        "--space",
        "darts",
        "--dataset",
        "cifar10",
        "--proxy",
        "reg_swap",
        "--mu",
        0.7,
        "--sigma",
        0.1,
    ]
    result = CliRunner().invoke(
        app, list(map(str, ["search", "--inputs", "noise", *small[2:], *words]))
    )
    assert result.exit_code == 0, result.output
    about = json.loads((tmp_path / "found.json").read_text())
    assert about["regularisation"]["cifar10"] == {"mu": 0.7, "sigma": 0.1, "unit": "K"}
    (found,) = about["found"]
    assert abs(found["parameters"] - 700) < 500
    darts = space_registry["darts"]
    stacked = darts.parse(found["native"])
    assert found["stacked"] == darts.parameters(stacked, task_registry["cifar10"])
    assert f"{found['parameters']:,}; stacked {found['stacked']:,}" in result.output


def test_what_is_found_in_other_spaces_is_not_stacked(small, tmp_path):
    assert zc_bench(*small).exit_code == 0
    assert json.loads((tmp_path / "found.json").read_text())["found"][0]["stacked"] is None
