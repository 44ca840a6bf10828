"""Running a search: hand over what it asks for, count what is new, remember the best."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from zc_bench.search.base import Algorithm, Candidate, Settings, best_first
from zc_bench.seeding import numpy_generator
from zc_bench.spaces import Architecture, SearchSpace

Score = Callable[[Sequence[Architecture]], Iterable[Candidate]]

# A search that asks so often for what it knows already has nothing new to say.
_PATIENCE = 1000


@dataclass(frozen=True)
class Evaluation:
    """One architecture that a search had scored.

    Attributes:
        number: which one it is, from 1 up.
        candidate: the architecture and its scores.
        best: the best candidate so far.
    """

    number: int
    candidate: Candidate
    best: Candidate


def search(
    algorithm: Algorithm,
    space: SearchSpace,
    settings: Settings,
    seed: int,
    score: Score,
    evaluations: int,
) -> Iterator[Evaluation]:
    """Run a search until it ends, or has had so many architectures scored.

    An architecture is scored once: asking for it again costs nothing. So the same seed produces the same search, and one
    that was interrupted goes on as fast as its scores can be looked up.

    Args:
        algorithm: what asks.
        space: where it searches.
        settings: what it is told.
        seed: names the generator of all that it draws.
        score: called with architectures that are new, as many at a time as can be scored side by side; produces their
            candidates in the same order.
        evaluations: how many.

    Yields:
        Every architecture once, in the order in which it was asked for.
    """
    asking = algorithm(
        space, settings, numpy_generator(seed, "search", space.name, algorithm.__name__)
    )
    known: dict[Architecture, Candidate] = {}
    idle = 0
    asked = next(asking, None)
    while asked is not None and idle < _PATIENCE:
        new = [item for item in dict.fromkeys(asked) if item not in known][
            : evaluations - len(known)
        ]
        idle = 0 if new else idle + 1
        for candidate in score(new) if new else ():
            known[candidate.architecture] = candidate
            yield Evaluation(len(known), candidate, best_first(list(known.values()))[0])
        if len(known) >= evaluations:
            return
        try:
            asked = asking.send([known[item] for item in asked])
        except StopIteration:
            return
