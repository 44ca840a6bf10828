"""Every random draw comes from a generator named by (seed, architecture, purpose)."""

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def named_seed(seed: int, *names: str) -> int:
    """Derive an independent seed from a seed and names.

    The value depends on the arguments alone, not on the machine, the process, or the version of any
    library.

    Args:
        seed: the seed of the run.
        *names: the purpose of the draw, for instance "weights" and an architecture key.

    Returns:
        An integer in [0, 2**63).

    Examples:
        >>> named_seed(0, "batch") == named_seed(0, "batch") != named_seed(0, "weights")
        True
    """
    text = "\x1f".join((str(seed), *names))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def numpy_generator(seed: int, *names: str) -> np.random.Generator:
    """Return the NumPy generator named by a seed and a purpose."""
    return np.random.Generator(np.random.PCG64(named_seed(seed, *names)))


@contextmanager
def torch_seeded(seed: int, *names: str, device: torch.device | None = None) -> Iterator[None]:
    """Seed torch's global generators by name while the block lasts; restore their state afterwards.

    Layers initialise themselves from the global generator of the CPU. So a network has the same
    weights on every device.

    Args:
        seed: the seed of the run.
        *names: the purpose of the draws.
        device: a CUDA device whose generator is seeded as well.
    """
    cuda = [device] if device is not None and device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):
        torch.default_generator.manual_seed(named_seed(seed, *names))
        for item in cuda:
            with torch.cuda.device(item):
                torch.cuda.manual_seed(named_seed(seed, *names))
        yield


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
