"""Activation patterns as bits: pack them, count the distinct ones, count agreements.

A batch of N images produces every unit v a sample-wise pattern of N bits: bit n is set where the
rectified value of unit v for image n is above zero. Patterns are kept as words, int64 (V, W) with W
= ceil(N / 64); bit n of a pattern is bit n % 64 of word n // 64, the bits beyond N are zero. NaN,
zero and minus zero give a zero bit, infinity a one.

Every function is exact, for any N and V. There are three backends with equal results: compiled
loops (`cpu`), CUDA kernels (`triton`), and plain torch for everything else (`reference`). `backend`
names the one of a device. `forced`, or the environment variable ZC_BENCH_PATTERN_COUNT, sets one
for all devices.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import torch
from torch import Tensor

from zc_bench.errors import unknown_name

WORD = 64
BACKENDS = ("cpu", "reference", "triton")

_FORCED: ContextVar[str | None] = ContextVar("forced", default=None)


def backend(device: torch.device) -> str:
    """Name the backend of a device.

    Raises:
        ZcBenchError: if the forced backend does not exist.
    """
    name = _FORCED.get() or os.environ.get("ZC_BENCH_PATTERN_COUNT")
    if name:
        if name not in BACKENDS:
            kind = "form of pattern counting"
            raise unknown_name(kind, name, BACKENDS)
        return name
    if device.type == "cuda":
        return "triton" if _has_triton() else "reference"
    return "cpu" if device.type == "cpu" else "reference"


@contextmanager
def forced(name: str) -> Iterator[None]:
    """Use one backend for all devices while the block lasts.

    Args:
        name: one of `BACKENDS`. "cpu" needs tensors in main memory, "triton" on a CUDA device.
    """
    token = _FORCED.set(name)
    try:
        yield
    finally:
        _FORCED.reset(token)


@cache
def _has_triton() -> bool:
    return find_spec("triton") is not None


@cache
def _module(name: str) -> ModuleType:
    # The import is late, because Triton may be absent and Numba takes long to import.
    return import_module(f"{__name__}.{name}")


def _backend(tensor: Tensor) -> ModuleType:
    return _module(backend(tensor.device))


def pack(values: Tensor) -> Tensor:
    """Pack the signs of rectified values.

    The order of units follows the memory format of `values`, to avoid a copy. It is the same for
    every image.

    Args:
        values: floating point (N, ...), the output of a rectifier for N images.

    Returns:
        Words, int64 (V, W), with V the number of values per image.
    """
    words: Tensor = _backend(values).pack(per_image(values))
    return words


def count_distinct(words: Tensor) -> int:
    """Count the distinct patterns.

    Args:
        words: int64 (V, W).

    Returns:
        The number of distinct rows, 0 where V = 0.
    """
    return int(_backend(words).count_distinct(words))


def coactivations(words: Tensor, images: int) -> Tensor:
    """Count, for every pair of images, the units that are active for both.

    Args:
        words: int64 (V, W).
        images: N.

    Returns:
        int64 (N, N); the diagonal holds the number of active units of each image.
    """
    counts: Tensor = _backend(words).coactivations(words, images)
    return counts


def per_image(values: Tensor) -> Tensor:
    """View values as (N, V) in memory order; dense values need no copy."""
    order = sorted(range(1, values.dim()), key=values.stride().__getitem__, reverse=True)
    return values.permute(0, *order).reshape(values.shape[0], -1)
