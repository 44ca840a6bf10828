"""Random numbers that stay the same with every version of NumPy."""

import math

import numpy as np


def uniform(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw float64 in [0, 1).

    The raw stream of a bit generator is the same in all versions of NumPy. The distributions on it
    may change.
    """
    raw = generator.bit_generator.random_raw(math.prod(shape))
    return (raw >> np.uint64(11)).reshape(shape) * 2.0**-53


def below(generator: np.random.Generator, end: int, *shape: int) -> np.ndarray:
    """Draw int64 from 0 to `end` - 1."""
    return (uniform(generator, *shape) * end).astype(np.int64)


def normal(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw standard normal float32 (Box-Muller)."""
    radius, angle = uniform(generator, 2, *shape)
    drawn: np.ndarray = np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * np.pi * angle)
    return drawn.astype(np.float32)
