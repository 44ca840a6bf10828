from zc_bench.searches import Settings, algorithms, search


def test_no_more_is_scored_than_was_allowed(space, scorer):
    found = list(search(algorithms["random_search"], space, Settings(population=8), 0, scorer, 11))
    assert [item.number for item in found] == list(range(1, 12))
    assert sum(map(len, scorer.calls)) == 11


def test_a_search_with_nothing_new_to_say_ends(space, scorer):
    def parrot(space, settings, generator):
        while True:
            yield [space.parse("(0, 0, 0, 0, 0, 0)")]

    assert len(list(search(parrot, space, Settings(), 0, scorer, 50))) == 1


def test_asking_twice_in_one_breath_scores_once(space, scorer):
    def stutter(space, settings, generator):
        answer = yield [space.parse("(0, 0, 0, 0, 0, 0)")] * 2
        assert len(answer) == 2
        assert answer[0] is answer[1]

    assert len(list(search(stutter, space, Settings(), 0, scorer, 50))) == 1


def test_the_best_of_several_guides_is_the_best_of_all_so_far(space):
    from zc_bench.searches import Candidate
    from zc_bench.searches.base import best_first

    def score(architectures):
        digits = [tuple(map(float, item.key.strip("()").split(", "))) for item in architectures]
        return [
            Candidate(item, (sum(d), -d[0])) for item, d in zip(architectures, digits, strict=True)
        ]

    found = list(search(algorithms["random_search"], space, Settings(5), 0, score, 20))
    for place, item in enumerate(found):
        assert item.best == best_first([other.candidate for other in found[: place + 1]])[0]
