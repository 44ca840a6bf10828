"""Drawing the architectures of a run: from those with ground truth, the same on every machine."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from zc_bench.seeding import named_seed
from zc_bench.tables.string_index import Keys, string_hashes


def draw_architectures(
    keys: Sequence[str], count: int, seed: int, *, canonical: Callable[[str], str] | None = None
) -> list[str]:
    """Draw architectures without replacement.

    Every key has a pseudo-random number that depends on the key and the seed alone. The keys with
    the smallest numbers are drawn, in that order. So a smaller draw is the beginning of a larger
    one. The order does not depend on the other keys, their order, or the version of any library.

    Args:
        keys: canonical keys, each once. `Keys` of a table hold their hashes, so a draw from very
            many is fast.
        count: the number of keys to draw; all are drawn if there are fewer.
        seed: the seed of the run.
        canonical: a function from a key to the name of the function that its networks compute. A
            key with a name that was drawn before is skipped. It is called for no more keys than the
            draw needs.

    Returns:
        Keys, `count` of them unless there are fewer.

    Examples:
        >>> keys = [f"({index},)" for index in range(100)]
        >>> drawn = draw_architectures(keys, 3, seed=0)
        >>> drawn == draw_architectures(keys[::-1], 5, seed=0)[:3]
        True
        >>> drawn == draw_architectures(keys, 3, seed=1)
        False
    """
    hashes = keys.hashes if isinstance(keys, Keys) else string_hashes(keys)
    numbers = _mix(hashes ^ np.uint64(named_seed(seed, "architectures")))
    if canonical is None:
        return [keys[place] for place in _smallest(numbers, count)]
    drawn: dict[str, str] = {}
    for place in np.argsort(numbers, kind="stable"):
        if len(drawn) >= count:
            break
        drawn.setdefault(canonical(keys[place]), keys[place])
    return list(drawn.values())


def _smallest(numbers: NDArray[np.uint64], count: int) -> NDArray[np.intp]:
    """Return the places of the smallest numbers, in the order of a stable sort."""
    if not 0 < count < len(numbers):
        return np.argsort(numbers, kind="stable")[:count]
    candidates = np.flatnonzero(numbers <= np.partition(numbers, count - 1)[count - 1])
    return candidates[np.argsort(numbers[candidates], kind="stable")][:count]


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix the 64 bits of every value: the finaliser of SplitMix64 (Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
