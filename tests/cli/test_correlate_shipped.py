"""`zc-bench correlate` and shipped scores: read first, verified, and not read with --fresh."""

import sys

import pytest

from zc_bench import cli
from zc_bench.benchmark import run as run_benchmark
from zc_bench.cli import console
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.spec import Protocol, Spec
from zc_bench.store import Store, read_store

pytestmark = pytest.mark.usefixtures("data_folder")

WORDS = (
    "--task",
    "cifar10",
    "--proxies",
    "params,swap",
    "--batch-size",
    4,
    "--inputs",
    "noise",
    "--seeds",
    1,
)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """A folder with a shipped store of ten architectures."""
    folder = tmp_path_factory.mktemp("shipped")
    protocol = Protocol(batch_size=4, inputs="noise")
    spec = Spec("nb201", ("cifar10",), ("params", "swap"), samples=10, seeds=1, protocol=protocol)
    run_benchmark(spec, store=folder / "nb201.h5", budget="none", progress=False)
    return folder


@pytest.fixture
def correlate(shipped, monkeypatch, capsys, tmp_path):
    """Run the command; return what it said and how many trials it computed in full."""
    monkeypatch.setenv("ZC_BENCH_SHIPPED", str(shipped))
    monkeypatch.setattr(console.out, "width", 1000)
    result = []
    original = ArchitectureScorer.score

    def score(self, key, names):
        result.append(key)
        return original(self, key, names)

    monkeypatch.setattr(ArchitectureScorer, "score", score)

    def run(*words):
        result.clear()
        words = ("correlate", "--space", "nb201", *WORDS, "--out", tmp_path, *words)
        monkeypatch.setattr(sys, "argv", ["zc-bench", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        assert not exit_.value.code
        return " ".join(capsys.readouterr().err.split()), len(result)

    return run


def test_shipped_scores_are_read_and_three_are_computed_again(correlate, shipped, tmp_path):
    said, result = correlate("--samples", 10)
    assert (
        "nb201.h5: 10 trials, of which 3 drawn at random were computed again and agree. --fresh"
        in said
    )
    assert result == 3
    assert read_store(tmp_path / "scores.h5").trials == read_store(shipped / "nb201.h5").trials


def test_the_rest_is_computed_when_a_budget_is_given_and_not_before(correlate):
    for trials in (3, 0):
        said, result = correlate("--samples", 12)
        assert "Nothing was computed: 10 of 12 trials are complete" in said
        assert "--budget 10m computes for ten minutes more; --budget none goes to the end." in said
        assert "same command" not in said
        assert result == trials
    assert correlate("--samples", 12, "--budget", "10m")[1] == 2


def test_the_same_command_goes_on_where_it_says_so(correlate):
    said, _ = correlate("--samples", 12, "--seeds", 2, "--budget", "0s")
    assert "Run the same command again to go on" in said
    said, _ = correlate("--samples", 12, "--seeds", 2, "--fresh", "--budget", "0s")
    assert "Run the same command without --fresh to go on" in said


def test_a_budget_is_used(correlate):
    assert correlate("--samples", 12, "--budget", "none")[1] == 3 + 2


def test_fresh_computes_all_and_so_does_who_goes_on(correlate):
    assert correlate("--samples", 2, "--fresh")[1] == 2
    said, result = correlate("--samples", 4)
    assert "Read from" not in said
    assert result == 2


def test_what_differs_is_not_used(correlate, shipped, tmp_path, monkeypatch):
    contents = read_store(shipped / "nb201.h5")
    other = tmp_path / "other"
    for trial in contents.trials.values():
        trial.scores["swap@1"] = trial.scores["params@1"]
    with Store(other / "nb201.h5", contents.fingerprints, contents.provenance) as store:
        store.adopt(contents)
    monkeypatch.setenv("ZC_BENCH_SHIPPED", str(other))
    said, result = correlate("--samples", 4)
    assert "Nothing is read from" in said
    assert "which is not what is computed here: swap of (" in said
    assert result >= 4 + 1
