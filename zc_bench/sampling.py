"""Which architectures a run looks at: drawn from those with ground truth, the same on every machine."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from zc_bench.seeding import named_seed


def draw_architectures(keys: Sequence[str], count: int, seed: int) -> list[str]:
    """Draw architectures without replacement.

    Every key gets a number that depends on the key and the seed alone, and those with the smallest numbers are drawn,
    in that order. So a smaller draw is the beginning of a larger one, and neither the order of the keys, nor which
    others are there, nor the version of any library changes who comes before whom.

    Args:
        keys: canonical keys, each once.
        count: how many to draw; all of them if there are fewer.
        seed: the seed of the run.

    Returns:
        Keys, `min(count, len(keys))` of them.
    """
    lots = _mix(_key_hashes(keys) ^ np.uint64(named_seed(seed, "architectures")))
    return [keys[index] for index in np.argsort(lots, kind="stable")[:count]]


def _key_hashes(keys: Sequence[str]) -> NDArray[np.uint64]:
    """Hash keys to uint64 (len(keys),), independent of the seed."""
    digests = b"".join(blake2b(key.encode(), digest_size=8).digest() for key in keys)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every bit of every value over all 64: the finaliser of SplitMix64 (Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
