"""Pattern counting as compiled loops over words, on the CPU.

Packing reads every value once. Counting inserts every pattern in a hash table. Many patterns are
first partitioned by the leading bits of their hash, so that the table of each part stays in the
cache. A single table would miss the cache once per pattern. The partition takes as much memory as
the words, and one table of one to two megabytes per thread, unless one part holds most of the
distinct patterns.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zc_bench._compiled import compiled
from zc_bench.kernels.pattern_count.integers import as_integers

_BLOCK = 2048  # words; a block stays in the first-level cache during the loop over images
_FEW = (
    1 << 19
)  # patterns that are counted without partition: their table of 4 or 8 MB fits the third-level cache
_PART = (
    1 << 15
)  # largest number of patterns of a part otherwise: its table fits the second-level cache
_MOST_PARTS = 1 << 10  # more parts would write to more memory pages than the TLB holds
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio
_SEED = np.uint64(0x2545F4914F6CDD1D)
_FULL = -1

_Slot = np.uint32 | np.uint64


def pack(values: Tensor) -> Tensor:
    """See `pattern_count.pack`; `values` is (N, V)."""
    images, units = values.shape
    integers, infinity = as_integers(values)
    bits = integers.numpy()
    words = np.zeros((-(-images // 64), units), np.uint64)
    _pack(bits, bits.dtype.type(infinity), words)
    # The layout is word-major during packing, so that the inner loop is contiguous in memory.
    return torch.from_numpy(words.view(np.int64)).T


def count_distinct(words: Tensor) -> int:
    """See `pattern_count.count_distinct`."""
    rows = words.numpy().view(np.uint64)
    # A table holds words, or numbers of rows. Where 32 bits suffice, it has half the size and
    # misses the cache less often.
    largest = rows.max(initial=0) if rows.shape[1] == 1 else len(rows)
    kind = np.uint32 if largest < 1 << 32 else np.uint64
    if len(rows) <= _FEW:
        return _count_parts([rows], len(rows), kind)
    bits = min((len(rows) // _PART).bit_length(), _MOST_PARTS.bit_length() - 1)
    threads = min(torch.get_num_threads(), 1 << bits)
    with ThreadPoolExecutor(threads) as pool:
        parts = _partition(rows, bits, pool, threads)
        shares = [parts[first::threads] for first in range(threads)]
        return sum(pool.map(_count_parts, shares, [len(rows) >> bits] * threads, [kind] * threads))


def coactivations(words: Tensor, images: int) -> Tensor:
    """See `pattern_count.coactivations`."""
    counts = np.zeros((images, images), np.int64)
    columns = np.ascontiguousarray(words.numpy().view(np.uint64).T)
    _coactivations(columns, counts)
    return torch.from_numpy(counts)


def _partition(
    rows: NDArray[np.uint64], bits: int, pool: ThreadPoolExecutor, threads: int
) -> list[NDArray[np.uint64]]:
    """Partition patterns (V, W) by the leading bits of their hash."""
    pieces = np.array_split(rows, threads)
    shift = [np.uint64(64 - bits)] * threads
    sizes = np.stack(list(pool.map(_histogram, pieces, shift)), axis=1)  # (parts, threads)
    ends = sizes.cumsum().reshape(sizes.shape)
    # Every thread has its own range: within a part, the ranges of the threads follow each other.
    places = np.ascontiguousarray((ends - sizes).T)
    sorted_rows = np.empty(rows.shape, np.uint64)
    list(pool.map(_scatter, pieces, shift, places, [sorted_rows] * threads))
    return np.split(sorted_rows, ends[:-1, -1])


def _count_parts(parts: Sequence[NDArray[np.uint64]], expected: int, kind: type[_Slot]) -> int:
    """Count the distinct rows of disjoint parts.

    All parts use one table. It has room for the expected number of rows in a part, and grows if
    more of them are distinct. So a pattern that most units share does not enlarge it.
    """
    slots = 1 << max(4, (2 * expected - 1).bit_length())
    distinct = 0
    table = np.empty(slots, kind)
    for part in parts:
        while (
            found := _count_words(part[:, 0], table)
            if part.shape[1] == 1
            else _count_rows(part, table)
        ) == _FULL:
            slots *= 2
            table = np.empty(slots, kind)
        distinct += found
    return distinct


@compiled(nogil=True)
def _pack(
    bits: NDArray[np.signedinteger[Any]], infinity: np.signedinteger[Any], words: NDArray[np.uint64]
) -> None:
    """Pack four images at a time: four loads overlap, and a word is loaded and stored once."""
    images, units = bits.shape
    for start in range(0, units, _BLOCK):
        stop = min(start + _BLOCK, units)
        for image in range(0, images, 4):
            # With slices instead of offsets, the compiler vectorises the loop, which is three times
            # faster.
            first, second = _row(bits, image, start, stop), _row(bits, image + 1, start, stop)
            third, fourth = _row(bits, image + 2, start, stop), _row(bits, image + 3, start, stop)
            bit_1, bit_2 = _bit(image, images), _bit(image + 1, images)
            bit_3, bit_4 = _bit(image + 2, images), _bit(image + 3, images)
            word = words[image >> 6, start:stop]
            for unit in range(stop - start):
                word[unit] |= (
                    _if_active(first[unit], infinity, bit_1)
                    | _if_active(second[unit], infinity, bit_2)
                    | _if_active(third[unit], infinity, bit_3)
                    | _if_active(fourth[unit], infinity, bit_4)
                )


@compiled(nogil=True, inline="always")
def _row(
    bits: NDArray[np.signedinteger[Any]], image: int, start: int, stop: int
) -> NDArray[np.signedinteger[Any]]:
    """Return the values of an image; beyond the last, those of the last, whose bit is zero."""
    return bits[min(image, len(bits) - 1), start:stop]


@compiled(nogil=True, inline="always")
def _bit(image: int, images: int) -> np.uint64:
    """Return the bit of an image in its word; zero beyond the last image."""
    return np.uint64(image < images) << np.uint64(image & 63)


@compiled(nogil=True, inline="always")
def _if_active(
    value: np.signedinteger[Any], infinity: np.signedinteger[Any], bit: np.uint64
) -> np.uint64:
    return bit if (value > 0) & (value <= infinity) else np.uint64(0)


@compiled(nogil=True, inline="always")
def _mix(key: np.uint64) -> np.uint64:
    """Mix the bits of a word, because patterns of neighbouring units differ in few bits."""
    key ^= key >> np.uint64(32)
    key *= _MIX
    key ^= key >> np.uint64(29)
    key *= _MIX
    return key ^ (key >> np.uint64(32))


@compiled(nogil=True, inline="always")
def _hash(rows: NDArray[np.uint64], index: int) -> np.uint64:
    key = _SEED
    for word in range(rows.shape[1]):
        key = _mix(key ^ rows[index, word])
    return key


@compiled(nogil=True)
def _histogram(rows: NDArray[np.uint64], shift: np.uint64) -> NDArray[np.int64]:
    sizes = np.zeros(1 << (64 - shift), np.int64)
    for index in range(len(rows)):
        sizes[_hash(rows, index) >> shift] += 1
    return sizes


@compiled(nogil=True)
def _scatter(
    rows: NDArray[np.uint64],
    shift: np.uint64,
    places: NDArray[np.int64],
    sorted_rows: NDArray[np.uint64],
) -> None:
    for index in range(len(rows)):
        part = _hash(rows, index) >> shift
        for word in range(rows.shape[1]):
            sorted_rows[places[part], word] = rows[index, word]
        places[part] += 1


@compiled(nogil=True)
def _count_words(keys: NDArray[np.uint64], table: NDArray[_Slot]) -> int:
    """Insert one-word patterns in an open-addressing table; zero is empty and counted apart."""
    table[:] = 0
    mask = np.uint64(len(table) - 1)
    distinct = 0
    zero_seen = False
    for key in keys:
        if key == 0:
            zero_seen = True
            continue
        slot = _mix(_SEED ^ key) & mask
        while table[slot] != 0 and table[slot] != key:
            slot = (slot + np.uint64(1)) & mask
        if table[slot] == 0:
            table[slot] = key
            distinct += 1
            # At half load a probe ends after 1.5 slots on average.
            if 2 * distinct > len(table):
                return _FULL
    return distinct + (1 if zero_seen else 0)


@compiled(nogil=True)
def _count_rows(rows: NDArray[np.uint64], table: NDArray[_Slot]) -> int:
    """Insert longer patterns by row number, from one; a slot matches if all words match."""
    table[:] = 0
    mask = np.uint64(len(table) - 1)
    distinct = 0
    for index in range(len(rows)):
        slot = _hash(rows, index) & mask
        while table[slot] != 0 and not _same(rows[table[slot] - np.uint64(1)], rows[index]):
            slot = (slot + np.uint64(1)) & mask
        if table[slot] == 0:
            table[slot] = index + 1
            distinct += 1
            if 2 * distinct > len(table):
                return _FULL
    return distinct


@compiled(nogil=True, inline="always")
def _same(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> bool:
    equal = True
    for place in range(len(first)):
        equal &= first[place] == second[place]
    return equal


@compiled(nogil=True, inline="always")
def _popcount(word: np.uint64) -> np.int64:
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled(nogil=True)
def _transpose(block: NDArray[np.uint64]) -> None:
    """Transpose a 64 x 64 bit matrix in place, block by block (Hacker's Delight 7-3)."""
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


@compiled(nogil=True)
def _coactivations(columns: NDArray[np.uint64], counts: NDArray[np.int64]) -> None:
    """Transpose 64 units at a time to one word per image; count common bits of image pairs."""
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
