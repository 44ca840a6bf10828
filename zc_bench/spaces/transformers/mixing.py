"""How the tokens of a text are mixed in FlexiBERT: attention, Fourier and cosine transforms, convolution."""

import math

import torch
from torch import Tensor, nn


def heads_of(tokens: Tensor, heads: int) -> Tensor:
    """Split (N, T, D) into heads, (N, heads, T, D / heads)."""
    return torch.unflatten(tokens, -1, (heads, -1)).transpose(1, 2)


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Compute softmax(QK' / sqrt(d)) V of every head, and join the heads.

    Args:
        query: (N, heads, T, d).
        key: the same shape.
        value: the same shape.

    Returns:
        (N, T, heads * d).
    """
    weights = (query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])).softmax(-1)
    return (weights @ value).transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Self-attention by scaled dot products.

    Args:
        width: H.
        heads: heads of H / heads values each.
        weighted: whether queries pass a second Linear layer, without bias.
    """

    def __init__(self, width: int, heads: int, *, weighted: bool = False) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.weight = nn.Linear(width, width, bias=False) if weighted else nn.Identity()

    def forward(self, tokens: Tensor) -> Tensor:
        """Mix (N, T, H)."""
        parts = (self.weight(self.query(tokens)), self.key(tokens), self.value(tokens))
        return attend(*(heads_of(part, self.heads) for part in parts))


class Transform(nn.Module):
    """A Linear layer, then a transform over positions and values of every head, without weights.

    Args:
        width: H.
        heads: heads of H / heads values each.
        kind: "DFT", the real part of the Fourier transform, or "DCT", the cosine transform of type
            II; neither is normalised.
    """

    def __init__(self, width: int, heads: int, kind: str) -> None:
        super().__init__()
        self.heads, self.kind = heads, kind
        self.input = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Mix (N, T, H)."""
        values = heads_of(self.input(tokens), self.heads)
        mixed = torch.fft.fft2(values).real if self.kind == "DFT" else cosines(cosines(values))
        return mixed.transpose(1, 2).flatten(2)


def cosines(values: Tensor) -> Tensor:
    """Transform the last dimension, and swap it with the one before.

    Args:
        values: (..., A, B).

    Returns:
        (..., B, A), 2 * sum_n x_n cos(pi k (2 n + 1) / (2 B)) for k from 0 to B - 1, by a Fourier
        transform of the even values and the reversed odd ones.
    """
    size = values.shape[-1]
    halves = torch.cat([values[..., ::2], values[..., 1::2].flip(-1)], dim=-1)
    waves = torch.view_as_real(torch.fft.fft(halves))
    angles = torch.arange(size, dtype=values.dtype, device=values.device) * (math.pi / (2 * size))
    turned = waves[..., 0] * angles.cos() + waves[..., 1] * angles.sin()
    return 2 * turned.transpose(-1, -2)


class SpanConvolution(nn.Module):
    """Half of the heads by attention, half by a convolution whose kernel depends on the place.

    The kernel of a place and head is softmax(Linear(key * query)), where the key is a separable
    convolution of the input (ConvBERT).

    Args:
        width: H.
        heads: heads of H / heads values each, an even number.
        kernel: the number of places that the convolutions read, odd.

    References:
        Jiang et al. 2020, ConvBERT, arXiv:2008.02496.
    """

    def __init__(self, width: int, heads: int, kernel: int) -> None:
        super().__init__()
        self.heads, self.kernel = heads // 2, kernel
        half = width // 2
        self.query = nn.Linear(width, half)
        self.key = nn.Linear(width, half)
        self.value = nn.Linear(width, half)
        self.depthwise = nn.Conv1d(
            width, width, kernel, padding=kernel // 2, groups=width, bias=False
        )
        self.pointwise = nn.Conv1d(width, half, 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(half, 1))
        self.kernels = nn.Linear(half, self.heads * kernel)
        self.span = nn.Linear(width, half)

    def forward(self, tokens: Tensor) -> Tensor:
        """Mix (N, T, H)."""
        query = self.query(tokens)
        parts = (query, self.key(tokens), self.value(tokens))
        attended = attend(*(heads_of(part, self.heads) for part in parts))
        keys = self.pointwise(self.depthwise(tokens.transpose(1, 2))) + self.bias
        kernels = self.kernels(keys.transpose(1, 2) * query)
        kernels = torch.unflatten(kernels, -1, (self.heads, self.kernel)).softmax(-1)
        edge = self.kernel // 2
        padded = nn.functional.pad(self.span(tokens), (0, 0, edge, edge))
        # The places that a kernel reads: (N, T, heads, d, kernel).
        spans = torch.unflatten(padded.unfold(1, self.kernel, 1), 2, (self.heads, -1))
        convolved = (spans @ kernels.unsqueeze(-1)).flatten(2)
        return torch.cat([attended, convolved], dim=-1)


def mixing(kind: str, width: int, heads: int) -> nn.Module:
    """Build what mixes tokens.

    Args:
        kind: "SA:SDP", "SA:WMA", "LT:DFT", "LT:DCT", "DSC:5" or "DSC:9".
        width: H.
        heads: the number of heads.
    """
    family, parameter = kind.split(":")
    match family:
        case "SA":
            return Attention(width, heads, weighted=parameter == "WMA")
        case "LT":
            return Transform(width, heads, parameter)
        case _:
            return SpanConvolution(width, heads, int(parameter))
