import math

import numpy as np
import pytest
from scipy.stats import rankdata

from zc_bench.errors import ZcBenchError
from zc_bench.searches import Candidate, Settings, fitness
from zc_bench.searches.base import best_first, draw, mutate
from zc_bench.spaces import Architecture


def pool(*values):
    return [
        Candidate(Architecture("nb201", str(place)), value) for place, value in enumerate(values)
    ]


def test_one_guide_counts_as_it_is():
    assert fitness(pool((3.0,), (-1.0,), (2.5,))) == [3.0, -1.0, 2.5]


def test_several_guides_count_by_their_ranks():
    values = [(1e9, 0.1), (2.0, 0.3), (1.0, 0.2)]
    columns = np.array(values).T
    expected = rankdata(columns[0]) + rankdata(columns[1])
    assert fitness(pool(*values)) == expected.tolist()


def test_who_lacks_a_score_comes_last_whatever_the_others_say():
    candidates = pool((1.0, 1.0), (5.0, -math.inf), (2.0, 0.0))
    assert fitness(candidates)[1] == -math.inf
    assert best_first(candidates)[-1] is candidates[1]


def test_of_equals_the_first_stays_first():
    candidates = pool((1.0,), (2.0,), (2.0,), (-math.inf,), (-math.inf,))
    assert [item.architecture.key for item in best_first(candidates)] == ["1", "2", "0", "3", "4"]


def test_a_tournament_is_half_of_the_population():
    assert Settings(population=20).tournament == 10
    assert Settings(population=2).tournament == 2
    assert Settings(population=20, sample=7).tournament == 7


def test_draws_are_without_replacement():
    drawn = draw(pool(*[(float(place),) for place in range(10)]), 6, np.random.default_rng(0))
    assert len({item.architecture for item in drawn}) == 6


def test_a_mutation_is_a_neighbour_and_all_neighbours_are_drawn(space):
    parent = space.parse("(0, 1, 2, 3, 4, 0)")
    generator = np.random.default_rng(0)
    assert set(mutate(space, parent, 400, generator)) == set(space.neighbours(parent))


@pytest.mark.parametrize(
    "wrong",
    [
        {"population": 1},
        {"cycles": -1},
        {"mutations": 0},
        {"sample": 1},
        {"population": 4, "sample": 5},
    ],
)
def test_settings_that_no_search_could_use_are_refused(wrong):
    with pytest.raises(ZcBenchError, match="will not do: expected a whole number"):
        Settings(**wrong)
