"""Drawing architectures: the same for ever, uniform, and a smaller draw begins a larger one."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from zc_bench.sampling import _smallest, draw_architectures
from zc_bench.tables import Keys

NB201 = [str(digits) for digits in itertools.product(range(5), repeat=6)]


@pytest.mark.parametrize(
    ("seed", "first"),
    [
        (
            0,
            [
                "(0, 0, 2, 1, 4, 4)",
                "(2, 1, 2, 1, 1, 3)",
                "(3, 2, 3, 3, 0, 3)",
                "(1, 2, 2, 0, 1, 3)",
                "(0, 0, 1, 4, 3, 2)",
            ],
        ),
        (1, ["(0, 3, 0, 1, 1, 2)", "(4, 2, 2, 4, 3, 4)", "(1, 1, 3, 0, 0, 3)"]),
    ],
)
def test_stays_the_same_in_every_version(seed, first):
    # A change of these makes all published runs unrepeatable.
    assert draw_architectures(NB201, len(first), seed) == first


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 5))
def test_a_smaller_draw_begins_a_larger_one(a, b, seed):
    small, large = sorted((a, b))
    assert (
        draw_architectures(NB201[:100], small, seed)
        == draw_architectures(NB201[:100], large, seed)[:small]
    )


@given(st.permutations(NB201[:50]), st.integers(0, 5))
def test_does_not_depend_on_the_order_of_the_keys(keys, seed):
    assert draw_architectures(keys, 20, seed) == draw_architectures(NB201[:50], 20, seed)


@given(st.sets(st.sampled_from(NB201[:50])), st.integers(0, 5))
def test_others_do_not_change_who_comes_before_whom(kept, seed):
    everyone = draw_architectures(NB201[:50], 50, seed)
    assert draw_architectures(sorted(kept), 50, seed) == [key for key in everyone if key in kept]


def test_draws_none_twice():
    drawn = draw_architectures(NB201, len(NB201), 0)
    assert sorted(drawn) == sorted(NB201)


def test_draws_all_where_there_are_fewer_than_asked_for():
    assert sorted(draw_architectures(NB201[:7], 1000, 0)) == sorted(NB201[:7])


def test_draws_nothing_from_nothing():
    assert draw_architectures([], 10, 0) == []


def test_seeds_overlap_as_chance_says():
    count, draws = 1000, [set(draw_architectures(NB201, 1000, seed)) for seed in range(20)]
    overlaps = [len(a & b) for a, b in itertools.combinations(draws, 2)]
    share = count / len(NB201)
    sigma = math.sqrt(count * share * (1 - share) * (len(NB201) - count) / (len(NB201) - 1))
    assert abs(np.mean(overlaps) - count * share) < 4 * sigma / math.sqrt(len(overlaps))
    assert max(abs(overlap - count * share) for overlap in overlaps) < 5 * sigma


def test_every_architecture_is_drawn_equally_often():
    keys = NB201[:200]
    drawn = [key for seed in range(2000) for key in draw_architectures(keys, 10, seed)]
    counts = [drawn.count(key) for key in keys]
    assert scipy.stats.chisquare(counts).pvalue > 0.001


def test_every_place_is_uniform_over_the_architectures():
    firsts = [draw_architectures(NB201[:20], 1, seed)[0] for seed in range(4000)]
    assert scipy.stats.chisquare([firsts.count(key) for key in NB201[:20]]).pvalue > 0.001


def test_the_largest_space_is_no_obstacle():
    # NAS-Bench-101 has 423,624 architectures.
    keys = [f"architecture {number}" for number in range(423_624)]
    assert len(set(draw_architectures(keys, 1000, 0))) == 1000


@given(st.integers(0, 60), st.integers(0, 5))
def test_keys_of_a_table_are_drawn_like_strings(count, seed):
    keys = sorted(NB201[:50])
    assert draw_architectures(Keys.of(keys), count, seed) == draw_architectures(keys, count, seed)


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 3), min_size=1), st.integers(0, 40))
def test_the_smallest_numbers_come_in_the_order_of_a_stable_sort(numbers, count):
    numbers = np.array(numbers, np.uint64)
    assert _smallest(numbers, count).tolist() == np.argsort(numbers, kind="stable")[:count].tolist()


def first_digit(key):
    return key[1]


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 5))
def test_of_those_with_the_same_canonical_form_the_first_is_drawn(a, b, seed):
    keys = NB201[::50]
    everyone = draw_architectures(keys, len(keys), seed)
    small, large = sorted((a, b))
    drawn = draw_architectures(keys, large, seed, canonical=first_digit)
    firsts = list({first_digit(key): key for key in reversed(everyone)}.values())
    assert drawn == sorted(firsts, key=everyone.index)[:large]
    assert draw_architectures(keys, small, seed, canonical=first_digit) == drawn[:small]


def test_no_more_canonical_forms_are_computed_than_needed():
    asked = []
    draw_architectures(NB201, 3, 0, canonical=lambda key: asked.append(key) or key)
    assert len(asked) == 3
