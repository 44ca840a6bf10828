"""A score is the same bits alone, jointly, in any order, and when repeated."""

from collections.abc import Callable

import pytest
import torch

from networks import Case, Recipe, case, score
from reference import TWINS
from zc_bench.engine.scores import Status
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry

NAMES = sorted(TWINS)


def small() -> Case:
    return Recipe(images=8).build()


def single() -> Case:
    built = small()
    network = built.network.float()
    return case(network, 8, 3, 4, 4)


def nb201(key: str, *, images: int = 32) -> Case:
    space, task = space_registry["nb201"], task_registry["cifar10"]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = space.build(space.parse(key), task).to(memory_format=torch.channels_last)
    built = case(network, images, 3, 32, 32, classes=10)
    last = [
        batch.to(memory_format=torch.channels_last) for batch in (built.images, built.second.images)
    ]
    return Case(network, last[0], built.labels, type(built.second)(last[1], built.second.labels), 3)


def bits(built: Case, names: list[str]) -> dict[str, tuple[str, Status, str]]:
    """Score, and write numbers so that every bit shows."""
    found = score(built, names)
    return {
        name: (found[name].value.hex(), found[name].status, found[name].reason) for name in names
    }


SMALL = {
    "float64": small,
    "float32": single,
    "dropout": lambda: Recipe(
        (Recipe().layers[0], type(Recipe().layers[0])(dropout=True)), images=6
    ).build(),
    "no units": lambda: Recipe((type(Recipe().layers[0])(activation="none"),)).build(),
}


@pytest.mark.parametrize("build", SMALL.values(), ids=SMALL)
def test_scores_of_small_networks_do_not_depend_on_company(build: Callable[[], Case]) -> None:
    built = build()
    together = bits(built, NAMES)
    assert bits(built, NAMES[::-1]) == together
    assert bits(built, NAMES) == together
    for name in NAMES:
        assert bits(built, [name]) == {name: together[name]}
    for first in NAMES:
        for second in NAMES:
            assert bits(built, [first, second])[second] == together[second]


@pytest.mark.parametrize("key", ["(1, 1, 1, 1, 1, 1)", "(4, 0, 3, 1, 4, 3)", "(2, 0, 2, 3, 4, 2)"])
def test_scores_on_nb201_do_not_depend_on_company(key: str) -> None:
    built = nb201(key, images=8)
    together = bits(built, NAMES)
    assert bits(built, NAMES[::-1]) == together
    for name in NAMES:
        assert bits(built, [name]) == {name: together[name]}


def test_a_new_network_of_the_same_seed_has_the_same_scores() -> None:
    assert bits(nb201("(4, 0, 3, 1, 4, 3)", images=8), NAMES) == bits(
        nb201("(4, 0, 3, 1, 4, 3)", images=8), NAMES
    )
