import pandas as pd
import pytest
import torch
from zc_bench.figures.size_control import LEVELS

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.figures import draw_size_control, size_control_data
from zc_bench.images import find_images
from zc_bench.searches import SearchSpec, Settings
from zc_bench.spaces import space_registry
from zc_bench.spec import Protocol, preset_registry
from zc_bench.tasks import task_registry

SEARCH = SearchSpec(
    "darts_search", "cifar10", settings=Settings(population=4, mutations=2), evaluations=14, seeds=2
)


@pytest.fixture
def scorer():
    images = {"cifar10": find_images(task_registry["cifar10"], "noise")}
    return ArchitectureScorer(
        "darts_search", Protocol(batch_size=2, size_unit="K"), images, torch.device("cpu")
    )


def test_levels_are_those_of_the_paper():
    assert list(LEVELS["cifar10"]) == pytest.approx([0.5 + 0.4 * step for step in range(6)])
    assert list(LEVELS["imagenet"]) == [25 + 0.5 * step for step in range(6)]


def test_what_is_found_grows_with_mu_and_is_not_searched_again(scorer, tmp_path, monkeypatch):
    said = []
    data = size_control_data(SEARCH, scorer, (0.5, 2.1), tmp_path, say=said.append)
    assert list(data.found["mu"]) == [0.5, 0.5, 2.1, 2.1]
    assert list(data.found["seed"]) == [0, 1, 0, 1]
    small, large = (
        data.found.loc[data.found["mu"] == mu, "parameters"].mean() for mu in (0.5, 2.1)
    )
    assert small < 1200 < large
    assert len(said) == 4
    search, darts = space_registry["darts_search"], space_registry["darts"]
    for row in data.found.itertuples():
        cell = search.parse(row.architecture)
        assert row.parameters == search.parameters(cell, task_registry["cifar10"])
        assert row.stacked == darts.parameters(
            darts.parse(search.native(cell)), task_registry["cifar10"]
        )
    monkeypatch.setattr(ArchitectureScorer, "score", None)
    pd.testing.assert_frame_equal(
        size_control_data(SEARCH, scorer, (0.5, 2.1), tmp_path).found, data.found
    )


def test_every_search_is_a_dot_near_its_mu(scorer, tmp_path):
    data = size_control_data(SEARCH, scorer, (0.5, 2.1), tmp_path)
    searched, trained = draw_size_control(data).axes
    for axes, sizes in (
        (searched, data.found["parameters"] / 1e3),
        (trained, data.found["stacked"] / 1e6),
    ):
        dots = axes.collections[0].get_offsets()
        assert list(dots[:, 1]) == pytest.approx(list(sizes))
        assert (abs(dots[:, 0] - data.found["mu"]) < 0.2).all()
        assert len(set(dots[:, 0])) == 4  # jitter keeps equal searches apart


@pytest.mark.parametrize("mus", [[1.3], [1.3, 1.3]])
def test_one_level_can_be_drawn(scorer, tmp_path, mus):
    data = size_control_data(SEARCH, scorer, mus, tmp_path)
    assert len(draw_size_control(data).axes) == 2


def test_a_search_counts_one_cell_in_thousands():
    assert preset_registry["swap-nas"] == Protocol(
        batch_size=32, inputs="auto", augment=False, weights="normal", repeats=8, size_unit="K"
    )
