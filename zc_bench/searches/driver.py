"""Running a search: score its requests, count new architectures, keep the best."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from zc_bench.searches.base import Algorithm, Candidate, Settings, best_first
from zc_bench.seeding import numpy_generator
from zc_bench.spaces import Architecture, SearchSpace

Score = Callable[[Sequence[Architecture]], Iterable[Candidate]]

# A search ends after so many requests in a row without a new architecture.
_PATIENCE = 1000


@dataclass(frozen=True)
class Evaluation:
    """One scored architecture of a search.

    Attributes:
        number: its number, from 1 up.
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
    """Run a search until it ends, or until the number of evaluations is reached.

    An architecture is scored once; a repeated request costs nothing. The same seed leads to the
    same search. An interrupted search continues from the stored scores.

    Args:
        algorithm: the algorithm.
        space: its search space.
        settings: its settings.
        seed: the seed of its generator.
        score: a function from new architectures, which may be scored in parallel, to their
            candidates in the same order.
        evaluations: the largest number of scored architectures.

    Yields:
        Every architecture once, in the order of the requests.
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
