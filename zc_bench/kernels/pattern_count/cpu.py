"""Pattern counting as compiled loops over words, on the CPU."""

from typing import Any

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_BLOCK = 1024  # words; a block of them stays in the first-level cache while the images pass over it
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio
_SEED = np.uint64(0x2545F4914F6CDD1D)
_EMPTY = np.int64(-1)


def pack(values: Tensor) -> Tensor:
    """See `pattern_count.pack`; `values` is (N, V)."""
    images, units = values.shape
    # NumPy has no bfloat16 and Numba no float16; float64 stays, its smallest values are zero in float32.
    wide = values.detach() if values.dtype == torch.float64 else values.detach().float()
    words = np.zeros((-(-images // 64), units), np.uint64)
    _pack(wide.numpy(), words)
    # Word-major while packing, so that the inner loop runs over neighbours in memory.
    return torch.from_numpy(words.view(np.int64)).T


def count_distinct(words: Tensor) -> int:
    """See `pattern_count.count_distinct`."""
    rows = words.numpy().view(np.uint64)
    # Twice as many slots as units: at half load a probe ends after 1.5 slots on average.
    slots = 1 << max(4, (2 * len(rows) - 1).bit_length())
    if rows.shape[1] == 1:
        return int(_count_words(np.ascontiguousarray(rows[:, 0]), np.zeros(slots, np.uint64)))
    return int(_count_rows(np.ascontiguousarray(rows), np.full(slots, _EMPTY)))


def coactivations(words: Tensor, images: int) -> Tensor:
    """See `pattern_count.coactivations`."""
    counts = np.zeros((images, images), np.int64)
    columns = np.ascontiguousarray(words.numpy().view(np.uint64).T)
    _coactivations(columns, counts)
    return torch.from_numpy(counts)


@numba.njit(cache=True, nogil=True)
def _pack(values: NDArray[np.floating[Any]], words: NDArray[np.uint64]) -> None:
    images, units = values.shape
    for start in range(0, units, _BLOCK):
        stop = min(start + _BLOCK, units)
        for image in range(images):
            # Slices, not offsets: their bounds are plain to the compiler, which then vectorises (three times faster).
            row = values[image, start:stop]
            word = words[image >> 6, start:stop]
            bit = np.uint64(1) << np.uint64(image & 63)
            for unit in range(stop - start):
                word[unit] |= bit if row[unit] > 0 else np.uint64(0)


@numba.njit(cache=True, nogil=True, inline="always")
def _mix(key: np.uint64) -> np.uint64:
    """Spread the bits of a word: patterns of neighbouring units differ in few of them."""
    key ^= key >> np.uint64(32)
    key *= _MIX
    key ^= key >> np.uint64(29)
    key *= _MIX
    return key ^ (key >> np.uint64(32))


@numba.njit(cache=True, nogil=True)
def _count_words(keys: NDArray[np.uint64], table: NDArray[np.uint64]) -> int:
    """Insert one-word patterns in an open-addressing table; zero marks an empty slot and is counted apart."""
    mask = np.uint64(len(table) - 1)
    distinct = 0
    zero_seen = False
    for key in keys:
        if key == 0:
            zero_seen = True
            continue
        slot = _mix(key) & mask
        while table[slot] != 0 and table[slot] != key:
            slot = (slot + np.uint64(1)) & mask
        if table[slot] == 0:
            table[slot] = key
            distinct += 1
    return distinct + (1 if zero_seen else 0)


@numba.njit(cache=True, nogil=True)
def _count_rows(rows: NDArray[np.uint64], table: NDArray[np.int64]) -> int:
    """Insert longer patterns by row number; a slot matches only where all words do."""
    mask = np.uint64(len(table) - 1)
    distinct = 0
    for index in range(len(rows)):
        key = _SEED
        for word in rows[index]:
            key = _mix(key ^ word)
        slot = key & mask
        while table[slot] != _EMPTY and not _same(rows[table[slot]], rows[index]):
            slot = (slot + np.uint64(1)) & mask
        if table[slot] == _EMPTY:
            table[slot] = index
            distinct += 1
    return distinct


@numba.njit(cache=True, nogil=True, inline="always")
def _same(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> bool:
    equal = True
    for place in range(len(first)):
        equal &= first[place] == second[place]
    return equal


@numba.njit(cache=True, nogil=True, inline="always")
def _popcount(word: np.uint64) -> np.int64:
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@numba.njit(cache=True, nogil=True)
def _transpose(block: NDArray[np.uint64]) -> None:
    """Transpose a 64 x 64 matrix of bits in place: swap ever smaller off-diagonal blocks (Hacker's Delight 7-3)."""
    width = 32
    low = np.uint64(0x00000000FFFFFFFF)
    while width:
        shift = np.uint64(width)
        for first in range(64):
            if first & width == 0:
                second = first + width
                swap = ((block[first] >> shift) ^ block[second]) & low
                block[first] ^= swap << shift
                block[second] ^= swap
        width >>= 1
        low ^= low << np.uint64(width)


@numba.njit(cache=True, nogil=True)
def _coactivations(columns: NDArray[np.uint64], counts: NDArray[np.int64]) -> None:
    """Turn 64 units at a time into one word per image, and count common bits of every pair of images."""
    words, units = columns.shape
    images = len(counts)
    by_image = np.zeros((words, 64), np.uint64)
    flat = by_image.reshape(-1)
    for start in range(0, units, 64):
        size = min(64, units - start)
        for word in range(words):
            by_image[word, :size] = columns[word, start : start + size]
            by_image[word, size:] = 0
            _transpose(by_image[word])
        for first in range(images):
            own = flat[first]
            for second in range(first + 1):
                counts[first, second] += _popcount(own & flat[second])
    for first in range(images):
        for second in range(first):
            counts[second, first] = counts[first, second]
