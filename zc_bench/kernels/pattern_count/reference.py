"""Pattern counting in plain torch, on any device."""

import torch
from torch import Tensor

WORD = 64


def pack(values: Tensor) -> Tensor:
    """See `pattern_count.pack`; `values` is (N, V)."""
    images, units = values.shape
    words = -(-images // WORD)
    bits = (values > 0).to(torch.int64)
    packed = torch.zeros(units, words, dtype=torch.int64, device=values.device)
    for image in range(images):
        # The 64th bit is the sign bit of int64; the shift wraps to it.
        packed[:, image // WORD] |= bits[image] << (image % WORD)
    return packed


def count_distinct(words: Tensor) -> int:
    """See `pattern_count.count_distinct`."""
    return len(torch.unique(words, dim=0)) if len(words) else 0


def coactivations(words: Tensor, images: int) -> Tensor:
    """See `pattern_count.coactivations`."""
    bits = torch.stack([(words[:, image // WORD] >> (image % WORD)) & 1 for image in range(images)])
    counts = torch.zeros(images, images, dtype=torch.int64, device=words.device)
    for image in range(images):
        counts[image] = (bits & bits[image]).sum(1)
    return counts
