"""The encoders of FlexiBERT: embeddings of tokens, then layers that mix them and feed them forward."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import torch
from torch import Tensor, nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.blocks import size
from zc_bench.spaces.transformers.mixing import mixing

VOCABULARY = 30_522
POSITIONS = 512
_EMBEDDING = 128
_TYPES = 2
_EPSILON = 1e-12
_DEVIATION = 0.02
_DEFAULT_INNER = 1024


@dataclass(frozen=True)
class EncoderLayer:
    """The choices of a layer.

    Attributes:
        kind: what mixes tokens, "SA:SDP", "SA:WMA", "LT:DFT", "LT:DCT", "DSC:5" or "DSC:9".
        heads: the heads of the mixing.
        inner: F, the inner width of the feed-forward part.
        stack: its Linear layers before the one that leads back to the width.
    """

    kind: str
    heads: int
    inner: int
    stack: int


@dataclass(frozen=True)
class Form:
    """What a network takes from its architecture.

    Attributes:
        width: H of all networks; None takes the architecture's.
        inner: F of all layers; None takes the layer's.
        attention_alone: whether every layer is one of plain self-attention, and the first inner
            width 1024, as in the code that trained the networks.
    """

    width: int | None = None
    inner: int | None = None
    attention_alone: bool = False

    def used(self, layer: EncoderLayer) -> EncoderLayer:
        """Return a layer as networks have it."""
        inner = self.inner or layer.inner
        if not self.attention_alone:
            return replace(layer, inner=inner)
        return replace(layer, kind="SA:SDP", inner=inner if layer.stack > 1 else _DEFAULT_INNER)

    def inner_widths(self, layer: EncoderLayer) -> tuple[int, ...]:
        """Return the inner widths of a layer's feed-forward part, in turn."""
        inner = self.used(layer).inner
        first = _DEFAULT_INNER if self.attention_alone else inner
        return (first, *[inner] * (layer.stack - 1))


class Encoder(nn.Module):
    """An encoder without a head: tokens (N, T) to values (N, T, H).

    Args:
        width: H.
        layers: its layers.
        form: what it takes from them.
    """

    def __init__(self, width: int, layers: Iterable[EncoderLayer], form: Form) -> None:
        super().__init__()
        width = form.width or width
        self.embeddings = Embeddings(width)
        self.layers = nn.Sequential(*(_Layer(width, layer, form) for layer in layers))
        self.apply(_draw)

    def forward(self, tokens: Tensor) -> Tensor:
        """Encode tokens (N, T)."""
        encoded: Tensor = self.layers(self.embeddings(tokens))
        return encoded


class Embeddings(nn.Module):
    """The sum of the embeddings of token, position and type, normalised, in the width of the encoder.

    Args:
        width: H.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, _EMBEDDING, padding_idx=0)
        self.positions = nn.Embedding(POSITIONS, _EMBEDDING)
        self.types = nn.Embedding(_TYPES, _EMBEDDING)
        self.norm = nn.LayerNorm(_EMBEDDING, eps=_EPSILON)
        self.projection = nn.Identity() if width == _EMBEDDING else nn.Linear(_EMBEDDING, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Embed tokens (N, T), all of the first type.

        Raises:
            ZcBenchError: if the text is longer than there are positions.
        """
        length = tokens.shape[1]
        if length > POSITIONS:
            message = (
                f"A text of {length} tokens is longer than the {POSITIONS} positions of "
                "FlexiBERT: shorten it."
            )
            raise ZcBenchError(message)
        places = self.positions.weight[:length]
        summed = self.tokens(tokens) + self.types.weight[0] + places
        embedded: Tensor = self.projection(self.norm(summed))
        return embedded


class _Layer(nn.Module):
    """Mixing and feeding forward, each with its residual connection and normalisation after it.

    A Fourier or cosine transform has neither: the published code leaves them out.
    """

    def __init__(self, width: int, layer: EncoderLayer, form: Form) -> None:
        super().__init__()
        kind = form.used(layer).kind
        self.mixing = mixing(kind, width, layer.heads)
        self.residual = not kind.startswith("LT")
        self.output = nn.Linear(width, width) if self.residual else nn.Identity()
        self.norm = nn.LayerNorm(width, eps=_EPSILON) if self.residual else nn.Identity()
        widths = form.inner_widths(layer)
        self.forwards = nn.Sequential(*_activated((width, *widths)), nn.Linear(widths[-1], width))
        self.last_norm = nn.LayerNorm(width, eps=_EPSILON)

    def forward(self, tokens: Tensor) -> Tensor:
        mixed = self.output(self.mixing(tokens))
        mixed = self.norm(mixed + tokens) if self.residual else mixed
        values: Tensor = self.last_norm(mixed + self.forwards(mixed))
        return values


def _activated(widths: Sequence[int]) -> Iterable[nn.Module]:
    for before, after in pairwise(widths):
        yield nn.Linear(before, after)
        yield nn.GELU()


def _draw(module: nn.Module) -> None:
    """Draw N(0, 0.02) weights, zero biases; the embedding of the padding token is zero."""
    if isinstance(module, nn.Linear | nn.Embedding | nn.Conv1d):
        nn.init.normal_(module.weight, std=_DEVIATION)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
    if isinstance(module, nn.Embedding) and module.padding_idx is not None:
        with torch.no_grad():
            module.weight[module.padding_idx].zero_()


def encoder_size(width: int, layers: Iterable[EncoderLayer], form: Form) -> int:
    """Count the parameters of an encoder without building it."""
    width = form.width or width
    return _embeddings_size(width) + sum(_layer_size(width, layer, form) for layer in layers)


@cache
def _embeddings_size(width: int) -> int:
    with torch.device("meta"):
        return size(Embeddings(width))


@cache
def _layer_size(width: int, layer: EncoderLayer, form: Form) -> int:
    with torch.device("meta"):
        return size(_Layer(width, layer, form))
