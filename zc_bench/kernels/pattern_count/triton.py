"""Pattern counting on a CUDA device, in Triton.

Packing reads every value once, in the memory format of the layer's output. Counting inserts every
pattern in one open-addressing table in global memory by compare-and-swap, and counts the successful
swaps. The table has at least two slots per unit, so it is at most half full and does not grow.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from zc_bench.kernels.pattern_count.integers import as_integers

_PACK_BLOCK = 1024  # units of a program
_COUNT_BLOCK = (
    128  # patterns of a program: one warp, so that no warp waits for the probes of another
)
_TILE = 32  # images along each side of a block of coactivations; it divides 64, so that a side is in one word
_TILE_BLOCK = 128  # units of a step along it
_PROGRAMS = 1024  # programs that share the units for coactivations: several for each multiprocessor


def pack(values: Tensor) -> Tensor:
    """See `pattern_count.pack`; `values` is (N, V), with any strides."""
    images, units = values.shape
    bits, infinity = as_integers(values)
    words = torch.empty(units, -(-images // 64), dtype=torch.int64, device=values.device)
    grid = (triton.cdiv(units, _PACK_BLOCK), words.shape[1])
    if units:
        with torch.cuda.device(words.get_device()):
            pack_kernel[grid](
                bits, words, images, units, *bits.stride(), words.shape[1], infinity, _PACK_BLOCK
            )
    return words


def count_distinct(words: Tensor) -> int:
    """See `pattern_count.count_distinct`."""
    units, count = words.shape
    slots = 1 << max(4, (2 * units - 1).bit_length())
    table = torch.zeros(slots, dtype=torch.int64, device=words.device)
    found = torch.zeros(2, dtype=torch.int64, device=words.device)
    grid = (triton.cdiv(units, _COUNT_BLOCK),)
    if units:
        with torch.cuda.device(words.get_device()):
            count_kernel[grid](
                words, table, found, units, slots, *words.stride(), count, _COUNT_BLOCK, num_warps=1
            )
    return int(found.sum())


def coactivations(words: Tensor, images: int) -> Tensor:
    """See `pattern_count.coactivations`."""
    units = len(words)
    counts = torch.zeros(images, images, dtype=torch.int64, device=words.device)
    tiles = triton.cdiv(images, _TILE)
    programs = min(triton.cdiv(units, _TILE_BLOCK), _PROGRAMS)
    if units:
        with torch.cuda.device(words.get_device()):
            coactivations_kernel[programs, tiles, tiles](
                words, counts, images, units, *words.stride(), _TILE, _TILE_BLOCK
            )
    return counts


@triton.jit
def pack_kernel(
    bits: tl.tensor,
    words: tl.tensor,
    images: tl.tensor,
    units: tl.tensor,
    image_stride: tl.tensor,
    unit_stride: tl.tensor,
    count: tl.tensor,
    INFINITY: tl.constexpr,  # noqa: N803
    BLOCK: tl.constexpr,  # noqa: N803
) -> None:
    """Pack one word of a block of units; a program reads 64 images, with words in registers.

    Args:
        bits: floating-point numbers (N, V) as integers of their size.
        words: int64 (V, W), contiguous, the output.
        images: N.
        units: V.
        image_stride: of `bits`.
        unit_stride: of `bits`.
        count: W.
        INFINITY: the largest integer that stands for a number.
        BLOCK: units of a program.
    """
    unit = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    first = tl.program_id(1).to(tl.int64) * 64
    inside = unit < units
    place = bits + first * image_stride + unit * unit_stride
    packed = tl.zeros([BLOCK], tl.int64)
    # The loop is unrolled, so that several loads overlap.
    for image in tl.range(0, tl.minimum(images - first, 64).to(tl.int32), loop_unroll_factor=8):
        value = tl.load(place, mask=inside, other=0)
        active = (value > 0) & (value <= INFINITY)
        packed |= active.to(tl.int64) << image
        place += image_stride
    tl.store(words + unit * count + tl.program_id(1), packed, mask=inside)


@triton.jit
def mix(key: tl.tensor) -> tl.tensor:
    """Mix the bits of a word, because patterns of neighbouring units differ in few bits."""
    key = key.to(tl.uint64)
    key ^= key >> 32
    key *= 0x9E3779B97F4A7C15
    key ^= key >> 29
    key *= 0x9E3779B97F4A7C15
    return (key ^ (key >> 32)).to(tl.int64)


@triton.jit
def count_kernel(
    words: tl.tensor,
    table: tl.tensor,
    found: tl.tensor,
    units: tl.tensor,
    slots: tl.tensor,
    unit_stride: tl.tensor,
    word_stride: tl.tensor,
    COUNT: tl.constexpr,  # noqa: N803
    BLOCK: tl.constexpr,  # noqa: N803
) -> None:
    """Insert a block of patterns in the table; count the new ones.

    A slot is empty (zero) or permanently holds a claim: the pattern itself if it is one word, else
    the number of a unit with the pattern, from one. The pattern of a claim is in memory before the
    claim is, so no fence is needed. The zero word equals an empty slot, and is recorded apart.

    Args:
        words: int64 (V, W).
        table: int64 (slots,), zeros.
        found: int64 (2,), zeros: the number of distinct patterns goes to the first, whether one of
            them is the zero word to the second.
        units: V.
        slots: a power of two, at least twice V.
        unit_stride: of `words`.
        word_stride: of `words`.
        COUNT: W.
        BLOCK: patterns of a program.
    """
    unit = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    pending = unit < units
    own = words + unit * unit_stride
    key = tl.full([BLOCK], 0x2545F4914F6CDD1D, tl.int64)
    for word in range(COUNT):
        key = mix(key ^ tl.load(own + word * word_stride, mask=pending, other=0))
    if COUNT == 1:
        claim = tl.load(own, mask=pending, other=1)
        tl.store(found + 1, 1, mask=tl.sum((claim == 0).to(tl.int32)) > 0)
        pending &= claim != 0
    else:
        claim = unit + 1
    slot = key & (slots - 1)
    won = tl.zeros([BLOCK], tl.int64)
    while tl.max(pending.to(tl.int32)) > 0:
        # A plain read comes first: where most patterns are equal, few need the serialising swap. An
        # outdated value is harmless, because only empty slots change.
        seen = tl.load(table + slot, mask=pending, other=0, volatile=True)
        equal = pending & (seen != 0)
        if COUNT == 1:
            equal &= seen == claim
        else:
            other = words + (seen - 1) * unit_stride
            for word in range(COUNT):
                theirs = tl.load(other + word * word_stride, mask=pending & (seen != 0), other=0)
                equal &= theirs == tl.load(own + word * word_stride, mask=pending, other=0)
        pending &= ~equal
        trying = pending & (seen == 0)
        slot = tl.where(pending & (seen != 0), (slot + 1) & (slots - 1), slot)
        if tl.max(trying.to(tl.int32)) > 0:
            # A swap cannot be masked. Idle lanes use separate slots, to avoid contention, and write
            # the value that they read.
            place = tl.where(trying, slot, unit & (slots - 1))
            before = tl.atomic_cas(
                table + place,
                tl.zeros([BLOCK], tl.int64),
                tl.where(trying, claim, 0),
                sem="relaxed",
            )
            winner = trying & (before == 0)
            won += winner.to(tl.int64)
            # The other lanes read the same slot again, because it may now hold their pattern.
            pending &= ~winner
    tl.atomic_add(found, tl.sum(won), sem="relaxed")


@triton.jit
def bits_of(words: tl.tensor, images: tl.tensor, unit: tl.tensor, inside: tl.tensor) -> tl.tensor:
    """Unpack bits (images, units) as int8; `words` points to the words of the first unit."""
    return ((tl.load(words + unit, mask=inside, other=0)[None, :] >> images[:, None]) & 1).to(
        tl.int8
    )


@triton.jit
def coactivations_kernel(
    words: tl.tensor,
    counts: tl.tensor,
    images: tl.tensor,
    units: tl.tensor,
    unit_stride: tl.tensor,
    word_stride: tl.tensor,
    TILE: tl.constexpr,  # noqa: N803
    BLOCK: tl.constexpr,  # noqa: N803
) -> None:
    """Multiply bits on the tensor cores, for a tile of image pairs and a share of the units.

    Args:
        words: int64 (V, W).
        counts: int64 (N, N), zeros.
        images: N.
        units: V, below 2**31 times the programs of axis 0.
        unit_stride: of `words`.
        word_stride: of `words`.
        TILE: images along a side; divides 64.
        BLOCK: units of a step.
    """
    rows = tl.program_id(1) * TILE
    columns = tl.program_id(2) * TILE
    image = tl.arange(0, TILE)
    row_words = words + (rows // 64).to(tl.int64) * word_stride
    column_words = words + (columns // 64).to(tl.int64) * word_stride
    total = tl.zeros([TILE, TILE], tl.int32)
    step = tl.num_programs(0).to(tl.int64) * BLOCK
    for start in range(tl.program_id(0).to(tl.int64) * BLOCK, units, step):
        unit = start + tl.arange(0, BLOCK)
        inside = unit < units
        row_bits = bits_of(row_words, rows % 64 + image, unit * unit_stride, inside)
        column_bits = bits_of(column_words, columns % 64 + image, unit * unit_stride, inside)
        total = tl.dot(row_bits, tl.trans(column_bits), total, out_dtype=tl.int32)
    pair = (rows + image).to(tl.int64)[:, None] * images + (columns + image)[None, :]
    inside_pair = ((rows + image) < images)[:, None] & ((columns + image) < images)[None, :]
    tl.atomic_add(counts + pair, total.to(tl.int64), mask=inside_pair, sem="relaxed")
