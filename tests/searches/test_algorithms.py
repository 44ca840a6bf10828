"""The algorithms, tested by their requests."""

import numpy as np
import pytest

from zc_bench.searches import Settings, algorithms, search
from zc_bench.searches.base import best_first


def values(candidates):
    return [candidate.values[0] for candidate in candidates]


def replay(algorithm, space, scorer, settings, turns, seed=0):
    """Hand out scores; return what was asked for and what was answered, turn by turn."""
    asking = algorithms[algorithm](space, settings, np.random.default_rng(seed))
    asked = next(asking)
    dialogue = []
    for _ in range(turns):
        answer = scorer(asked)
        dialogue.append(answer)
        asked = asking.send(answer)
    return dialogue


def differ_in_one_choice(space, first, second):
    return second.architecture in set(space.neighbours(first.architecture))


class TestSwapNas:
    def test_it_follows_algorithm_1(self, space, scorer):
        """Play along: what it asks for must fit a population that loses its worst."""
        settings = Settings(
            population=6, cycles=None, sample=6, mutations=3
        )  # all take part: no draw to guess
        dialogue = iter(replay("swap_nas", space, scorer, settings, 60))
        population = best_first(next(dialogue))
        crossovers = 0
        for answer in dialogue:
            parents = [population[0]]
            if len(answer) == 2:
                crossovers += 1
                parents = best_first(answer)
                for child in answer:  # every operation comes from one of the best two
                    for place in range(1, 18, 3):
                        digits = {parent.architecture.key[place] for parent in population[:2]}
                        assert child.architecture.key[place] in digits
                answer = next(dialogue, None)
                if answer is None:
                    break
            assert len(answer) == 3
            assert all(differ_in_one_choice(space, parents[0], child) for child in answer)
            living = {candidate.architecture for candidate in population}
            new = [child for child in best_first(answer) if child.architecture not in living][:1]
            population = best_first([*population, *new])[:6]
        assert 5 < crossovers < 35

    def test_it_ends_after_its_cycles(self, space, scorer):
        found = list(search(algorithms["swap_nas"], space, Settings(4, cycles=0), 0, scorer, 100))
        assert len(found) == len({item.candidate.architecture for item in found}) <= 4
        assert len(scorer.calls) == 1

    def test_its_best_never_gets_worse_and_it_finds_the_optimum(self, space, scorer):
        found = list(search(algorithms["swap_nas"], space, Settings(10, None), 0, scorer, 400))
        best = values(item.best for item in found)
        assert best == sorted(best)
        assert best[-1] == 24


def test_aging_evolution_forgets_the_oldest(space, scorer):
    """In a tournament of the whole population, the parent is the best of the last P."""
    settings = Settings(population=5, sample=5)
    dialogue = replay("aging_evolution", space, scorer, settings, 80)
    alive = list(dialogue[0])
    for (child,) in dialogue[1:]:
        assert differ_in_one_choice(space, best_first(alive)[0], child)
        alive = [*alive[1:], child]
    best_alive = [
        max(values([*dialogue[0], *(a for (a,) in dialogue[1:])][turn : turn + 5]))
        for turn in range(80)
    ]
    assert best_alive != sorted(best_alive)  # unlike an elite, it can lose its best


def test_local_search_stops_where_no_neighbour_is_better_and_starts_again(space, scorer):
    settings = Settings(mutations=24)  # a whole neighbourhood at a time
    dialogue = replay("local_search", space, scorer, settings, 30)
    here = dialogue[0][0]
    restarts = 0
    for answer in dialogue[1:]:
        if len(answer) == 1:
            restarts += 1
            assert values([here]) == [24]  # the only optimum of a sum
            here = answer[0]
            continue
        assert {item.architecture for item in answer} == set(space.neighbours(here.architecture))
        best = best_first([here, *answer])[0]
        here = best
    assert restarts >= 1


def test_random_search_asks_for_a_population_at_a_time(space, scorer):
    dialogue = replay("random_search", space, scorer, Settings(population=7), 3)
    assert [len(answer) for answer in dialogue] == [7, 7, 7]


@pytest.mark.parametrize("name", algorithms)
def test_every_search_is_its_seed_and_scores_nothing_twice(name, space, scorer):
    def run(seed):
        return [
            item.candidate.architecture.key
            for item in search(algorithms[name], space, Settings(6), seed, scorer, 60)
        ]

    first = run(1)
    assert first == run(1)
    assert first != run(2)
    assert len(first) == len(set(first)) == 60


def test_guided_searches_beat_random_search(space, scorer):
    """An average over seeds, at equal evaluations."""

    def mean(name):
        ends = [
            list(search(algorithms[name], space, Settings(10, None), seed, scorer, 120))[-1]
            for seed in range(10)
        ]
        return sum(item.best.values[0] for item in ends) / len(ends)

    random = mean("random_search")
    assert all(mean(name) > random + 1 for name in ("swap_nas", "aging_evolution", "local_search"))
