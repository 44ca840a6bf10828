"""Every proxy against its twin on random networks."""

import pytest
from hypothesis import event, given, settings

from networks import Recipe, quick, recipes, score
from reference import TWINS
from zc_bench.engine import declare as observe
from zc_bench.engine.derived import compares_a_set
from zc_bench.engine.scores import Score, Status

NAMES = sorted(TWINS)


def agree(found: Score, twin: float | None) -> None:
    """Compare a score of a network in float64 with its twin's.

    To ten digits, or both have no value.
    """
    if twin is None:
        assert found.status in (Status.INVALID, Status.UNDEFINED)
        assert found.reason
    else:
        assert (found.status, found.reason) == (Status.DONE, "")
        assert found.value == pytest.approx(twin, rel=1e-8, abs=1e-10)


def test_every_proxy_that_comes_with_the_harness_has_a_twin() -> None:
    own = {
        name
        for name, entry in observe.proxy_registry.items()
        if entry.function.__module__.startswith("zc_bench.") and not compares_a_set(name)
    }
    assert own == set(TWINS)


@pytest.mark.parametrize("name", NAMES)
def test_a_score_equals_its_twins(name: str) -> None:
    @quick
    @given(recipes(tiny=name == "grasp"))
    def check(recipe: Recipe) -> None:
        case = recipe.build()
        found = score(case, [name])[name]
        event(f"{name} is {found.status}")
        agree(found, TWINS[name](case))

    check()


@pytest.mark.slow
@settings(max_examples=500)
@given(recipes(tiny=False) | recipes(tiny=True))
def test_all_scores_of_many_networks_equal_their_twins(recipe: Recipe) -> None:
    case = recipe.build()
    found = score(case)
    tiny = sum(weight.numel() for weight in case.network.parameters()) < 200
    for name in NAMES:
        if tiny or name != "grasp":
            agree(found[name], TWINS[name](case))
