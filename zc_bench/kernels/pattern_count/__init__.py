"""Activation patterns as bits: pack them, count the distinct ones, count agreements.

A batch of N images gives every unit v a sample-wise pattern of N bits: bit n is set where the rectified value of
unit v for image n is above zero. Patterns are kept as words, int64 (V, W) with W = ceil(N / 64); bit n of a pattern is
bit n % 64 of word n // 64, the bits beyond N are zero. NaN, zero and minus zero give a zero bit, infinity a one.

Every function is exact, for any N and V. On the CPU they are compiled loops (`cpu`), elsewhere torch (`reference`).
"""

from types import ModuleType

from torch import Tensor

from zc_bench.kernels.pattern_count import cpu, reference

WORD = 64


def _backend(tensor: Tensor) -> ModuleType:
    return cpu if tensor.device.type == "cpu" else reference


def pack(values: Tensor) -> Tensor:
    """Pack the signs of rectified values.

    The order of units follows the memory format of `values`, whichever needs no copy; it is the same for every image.

    Args:
        values: floating point (N, ...), what a rectifier gave for N images.

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
        int64 (N, N); the diagonal holds how many units are active for each image.
    """
    counts: Tensor = _backend(words).coactivations(words, images)
    return counts


def per_image(values: Tensor) -> Tensor:
    """View values as (N, V) without a copy where memory allows it: contiguous and channels-last do."""
    if values.dim() == 4 and not values.is_contiguous():
        values = values.permute(0, 2, 3, 1)
    return values.reshape(values.shape[0], -1)
