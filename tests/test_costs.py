"""What a run would cost: said beforehand, and nothing is kept."""

import math

import pytest

import zc_bench
from zc_bench import benchmark
from zc_bench.costs import estimate
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.errors import ZcBenchError
from zc_bench.store import read_store

pytestmark = pytest.mark.usefixtures("data_folder")

ASKED = {"tasks": "cifar10", "batch_size": 4, "inputs": "noise", "seeds": 2, "progress": False}


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_counts_what_is_finished_and_left_and_leaves_the_store(tmp_path):
    store = tmp_path / "own" / "scores.h5"
    benchmark.run("nb201", proxies=["params", "swap"], samples=3, store=store, **ASKED)
    before = bytes_of(store.parent)
    found = estimate("nb201", proxies=["params", "swap", "snip"], samples=5, store=store, **ASKED)
    assert bytes_of(store.parent) == before
    assert (found.finished, found.total, found.workers) == (0, 10, 1)
    counts = {row.proxies: row.trials for row in found.costs.itertuples()}
    # What needs no gradients comes first, for the first seed.
    assert counts == {"params, swap": 2, "snip": 8, "params, swap, snip": 2}
    assert found.seconds == pytest.approx(found.costs["hours"].sum() * 3600)
    assert (found.costs["measured"] > 0).all()


def test_hours_are_seconds_of_a_trial_times_trials(tmp_path, monkeypatch):
    scored = []
    original = ArchitectureScorer.score

    def score(self, key, names):
        scored.append(key)
        return original(self, key, names)

    monkeypatch.setattr(ArchitectureScorer, "score", score)
    found = estimate("nb201", proxies="params", samples=500, store=tmp_path / "s.h5", **ASKED)
    assert len(scored) == 4  # one to warm up, and three
    (row,) = found.costs.itertuples()
    assert (row.trials, row.measured) == (1000, 3)
    assert math.isclose(row.hours, row.seconds * 1000 / 3600)
    assert not any(tmp_path.iterdir())


def test_a_finished_run_costs_nothing(tmp_path):
    store = tmp_path / "scores.h5"
    benchmark.run("nb201", proxies="params", samples=2, store=store, **ASKED)
    found = estimate("nb201", proxies="params", samples=2, store=store, **ASKED)
    assert (found.finished, found.total, found.seconds, len(found.costs)) == (4, 4, 0.0, 0)


def test_an_unknown_argument_is_refused():
    with pytest.raises(ZcBenchError, match=r"Unknown argument 'sampels': did you mean 'samples'\?"):
        estimate("nb201", sampels=3)


def test_a_range_of_seeds_is_what_these_seeds_are_in_a_whole_run(tmp_path):
    whole = benchmark.run(
        "nb201",
        proxies=["params", "swap"],
        samples=4,
        store=tmp_path / "a.h5",
        **{**ASKED, "seeds": 4},
    )
    for given in (range(2, 4), "2:4", (3, 2)):
        store = tmp_path / f"{len(str(given))}.h5"
        part = benchmark.run(
            "nb201", proxies=["params", "swap"], samples=4, store=store, **{**ASKED, "seeds": given}
        )
        assert part.experiment.runs[0].seeds == (2, 3)
        expected = whole.correlations[whole.correlations["seed"] >= 2].reset_index(drop=True)
        assert part.correlations.equals(expected)
        assert {key.seed for key in read_store(store).trials} == {2, 3}


def test_it_is_a_public_name():
    assert zc_bench.estimate is estimate
