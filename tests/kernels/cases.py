"""Values and words that pattern counting must get right, whichever form of it runs."""

from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from zc_bench.kernels.pattern_count import reference

IMAGES = (1, 2, 31, 32, 33, 63, 64, 65, 128, 130)
UNITS = (0, 1, 2, 63, 64, 65, 1023, 1024, 1025, 2050)
# Everything that a rectifier may give, and what it may not.
SPECIAL = [0.0, -0.0, float("nan"), float("inf"), -float("inf"), 1e-45, -1e-45, 1e-38, 1.0, -1.0]


def rectified(images: int, units: int, seed: int = 0, distinct: int | None = None) -> Tensor:
    """Draw values (N, V), half of them zero; on request the units repeat that many patterns."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(
        images, units if distinct is None else distinct, generator=generator
    ).relu()
    if distinct is not None:
        values = values[:, torch.randint(distinct, (units,), generator=generator)]
    return values


def tuples(values: Tensor) -> list[tuple[bool, ...]]:
    """List the pattern of every unit of (N, V), bit by bit."""
    return (
        [tuple(value > 0 for value in unit) for unit in zip(*values.tolist(), strict=True)]
        if values.numel()
        else []
    )


def unpacked(words: Tensor, images: int) -> list[tuple[bool, ...]]:
    """List the patterns that words hold, with Python's own integers."""
    rows = [[word % 2**64 for word in row] for row in words.tolist()]
    return [
        tuple(bool(row[image // 64] >> (image % 64) & 1) for image in range(images)) for row in rows
    ]


def as_words(rows: list[list[int]]) -> Tensor:
    """Make words from unsigned integers."""
    return torch.from_numpy(np.array(rows, dtype=np.uint64).view(np.int64))


def layouts() -> dict[str, Tensor]:
    """Lay out five images of 4 x 6 x 7 values in memory in every way that torch has."""
    plain = torch.randn(5, 4, 6, 7, generator=torch.Generator().manual_seed(1)).relu()
    wide = torch.randn(5, 4, 6, 14, generator=torch.Generator().manual_seed(2)).relu()
    return {
        "contiguous": plain,
        "channels last": plain.to(memory_format=torch.channels_last),
        "transposed": plain.transpose(2, 3),
        "images not first in memory": plain.transpose(0, 1).contiguous().transpose(0, 1),
        "strided": wide[..., ::2],
        "strided images": torch.cat([plain, plain]).view(10, 4, 6, 7)[::2],
        "expanded": plain[:, :1].expand(5, 4, 6, 7),
        "expanded images": plain[:1].expand(5, 4, 6, 7),
        "a linear layer's": plain.flatten(1),
        "a sequence, transposed": plain.flatten(2).transpose(1, 2),
        "one value per image": plain[:, 0, 0, 0],
        "five dimensions": plain[:, :, None],
        "three dimensions, strided": wide[:, 0, :, ::2],
    }


TOP = 2**63
LAST = 2**64 - 1
KEYS = {
    "all equal": [12345] * 3000,
    "all distinct": list(range(1, 3001)),
    "multiples of 2^52": [(index % 4096) << 52 for index in range(6000)],
    "multiples of 2^32": [index << 32 for index in range(3000)],
    "differing in the top bit only": [7, 7 | TOP] * 1000,
    "the zero word": [0] * 10,
    "zero and others": [0, 1, 0, 2, 0, TOP],
    "minus one": [LAST] * 10,
    "minus one and zero": [LAST, 0, LAST, 0],
    "one bit each": [1 << bit for bit in range(64)] * 3,
    "as many as slots would hold": list(range(1, 17)),
    "nothing": [],
}


def in_one_bucket(count: int, shift: int = 0) -> Tensor:
    """Make one-word patterns (count, 1), all distinct, whose hashes are the numbers below `count`, shifted.

    With a shift of 20, say, a table of up to a million slots has them all begin at the same one;
    without a shift, the leading bits are equal.
    """
    inverse = pow(0x9E3779B97F4A7C15, -1, 2**64)
    rows = []
    for number in range(count):
        key = number << shift
        key = (key ^ key >> 32) * inverse % 2**64
        key = (key ^ key >> 29 ^ key >> 58) * inverse % 2**64
        rows.append([key ^ key >> 32 ^ 0x2545F4914F6CDD1D])
    return as_words(rows)


def expect_as_reference(backend: ModuleType, values: Tensor) -> None:
    """Compare a form of pattern counting with plain torch for (N, V), to the last bit."""
    words = backend.pack(values)
    assert torch.equal(words, reference.pack(values))
    assert backend.count_distinct(words) == reference.count_distinct(words)
    counts = backend.coactivations(words, len(values))
    assert torch.equal(counts, reference.coactivations(words, len(values)))
