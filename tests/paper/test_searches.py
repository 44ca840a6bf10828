"""Searches with several mu: what is found grows with mu, and its cost is that of its trials."""

import pandas as pd
import pytest

from zc_bench.paper.request import Request
from zc_bench.paper.searches import LEVELS, SearchesData, draw_size_control, run_searches
from zc_bench.spaces import space_registry
from zc_bench.spec import Protocol, preset_registry
from zc_bench.store import read_store
from zc_bench.tasks import task_registry


@pytest.fixture
def request_(tmp_path):
    """A request for two short searches per level."""
    return Request(
        "figure5b", tmp_path, samples=14, seeds=2, inputs="noise", options={"progress": False}
    )


def test_levels_are_those_of_the_paper():
    assert list(LEVELS["cifar10"]) == pytest.approx([0.5 + 0.4 * step for step in range(6)])
    assert list(LEVELS["imagenet"]) == [25 + 0.5 * step for step in range(6)]


@pytest.mark.slow
def test_what_is_found_grows_with_mu_and_is_not_searched_again(request_, monkeypatch):
    found = run_searches(request_, "cifar10", (0.5, 2.1)).found
    assert list(found["mu"]) == [0.5, 0.5, 2.1, 2.1]
    assert list(found["seed"]) == [0, 1, 0, 1]
    assert set(found["scored"]) == {14}
    small, large = (found.loc[found["mu"] == mu, "parameters"].mean() for mu in (0.5, 2.1))
    assert small < large
    search, darts = space_registry["darts_search"], space_registry["darts"]
    for row in found.itertuples():
        cell = search.parse(row.architecture)
        task = task_registry["cifar10"]
        assert row.parameters == search.parameters(cell, task)
        assert row.stacked == darts.parameters(darts.parse(search.native(cell)), task)
        trials = read_store(request_.folder / "searches-cifar10" / f"mu-{row.mu:g}.h5").trials
        cost = sum(
            sum(trial.pass_seconds.values()) + sum(one.seconds for one in trial.scores.values())
            for key, trial in trials.items()
            if key.seed == row.seed
        )
        assert row.seconds == pytest.approx(cost)
    monkeypatch.setattr("zc_bench.engine.architectures.ArchitectureScorer.score", None)
    again = run_searches(request_, "cifar10", (0.5, 2.1)).found
    pd.testing.assert_frame_equal(again, found)


def made_up(mus):
    rows = [
        {"mu": mu, "seed": seed, "parameters": 1000 * mu, "stacked": 2e6 * mu}
        for mu in mus
        for seed in range(2)
    ]
    return SearchesData(pd.DataFrame(rows), "darts_search, cifar10")


def test_every_search_is_a_dot_near_its_mu():
    data = made_up([0.5, 2.1])
    searched, trained = draw_size_control(data).axes
    for axes, sizes in (
        (searched, data.found["parameters"] / 1e3),
        (trained, data.found["stacked"] / 1e6),
    ):
        dots = axes.collections[0].get_offsets()
        assert list(dots[:, 1]) == pytest.approx(list(sizes))
        assert (abs(dots[:, 0] - data.found["mu"]) < 0.2).all()
        assert len(set(dots[:, 0])) == 4  # jitter keeps equal searches apart


def test_one_level_can_be_drawn():
    assert len(draw_size_control(made_up([1.3])).axes) == 2


def test_a_search_counts_one_cell_in_thousands():
    assert made_up([1.3]).unit == "K"
    assert preset_registry["swap-nas"] == Protocol(
        batch_size=32, inputs="auto", augment=False, weights="normal", repeats=8, size_unit="K"
    )
