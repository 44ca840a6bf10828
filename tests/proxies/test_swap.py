import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks import Recipe, quick, recipes, score
from reference import TWINS
from zc_bench.passes.distinct_patterns import DistinctPatterns
from zc_bench.proxies.swap import swap


def test_it_is_the_number_of_distinct_patterns() -> None:
    assert swap(DistinctPatterns(462_331)) == 462_331.0


@pytest.mark.parametrize("name", ["swap", "linear_regions"])
def test_it_is_exact_for_batches_that_need_several_words(name: str) -> None:
    @quick
    @given(recipes(images=st.sampled_from([63, 64, 65, 70, 129])))
    def check(recipe: Recipe) -> None:
        case = recipe.build()
        found = score(case, [name])[name]
        twin = TWINS[name](case)
        assert found.value == twin if twin is not None else found.reason

    check()
