"""The networks of AutoFormer and PiT: patches of images as tokens, pre-norm blocks, a Linear head."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from zc_bench.spaces.transformers.mixing import attend, heads_of

_EPSILON = 1e-6
_DEVIATION = 0.02
_CHANNELS = 3
_PATCH = 16
_STRIDE = 8


class Stage(NamedTuple):
    """Blocks of one width.

    Attributes:
        width: D.
        heads: the heads of every block.
        ratios: the inner width of every block's feed-forward part, in multiples of D.
    """

    width: int
    heads: tuple[int, ...]
    ratios: tuple[float, ...]

    def blocks(self) -> nn.Sequential:
        """Build the blocks."""
        pairs = zip(self.heads, self.ratios, strict=True)
        return nn.Sequential(*(Block(self.width, *pair) for pair in pairs))


class Block(nn.Module):
    """Attention, then a feed-forward part with GELU, each normalised before and added to its input.

    Args:
        width: D.
        heads: heads of D / heads values each.
        ratio: the inner width, in multiples of D, rounded down.
    """

    def __init__(self, width: int, heads: int, ratio: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width, eps=_EPSILON)
        self.qkv = nn.Linear(width, 3 * width)
        self.projection = nn.Linear(width, width)
        inner = int(width * ratio)
        self.forwards = nn.Sequential(
            nn.LayerNorm(width, eps=_EPSILON),
            nn.Linear(width, inner),
            nn.GELU(),
            nn.Linear(inner, width),
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (N, T, D) to the same shape."""
        parts = self.qkv(self.norm(tokens)).chunk(3, dim=-1)
        tokens = tokens + self.projection(attend(*(heads_of(part, self.heads) for part in parts)))
        mapped: Tensor = tokens + self.forwards(tokens)
        return mapped


class AutoFormer(nn.Module):
    """Patches of 16 x 16 pixels, a class token, blocks; the head reads the mean of the patches.

    Args:
        stage: its blocks.
        outputs: K, the number of classes.
        image_size: H = W of an image, in pixels.
    """

    def __init__(self, stage: Stage, outputs: int, image_size: int) -> None:
        super().__init__()
        self.patches = nn.Conv2d(_CHANNELS, stage.width, _PATCH, stride=_PATCH)
        tokens = (image_size // _PATCH) ** 2 + 1
        self.positions = nn.Parameter(torch.zeros(1, tokens, stage.width))
        self.token = nn.Parameter(torch.zeros(1, 1, stage.width))
        self.blocks = stage.blocks()
        self.norm = nn.LayerNorm(stage.width, eps=_EPSILON)
        self.head = nn.Linear(stage.width, outputs)
        for parameter in (self.positions, self.token):
            nn.init.trunc_normal_(parameter, std=_DEVIATION)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=_DEVIATION)
                nn.init.zeros_(module.bias)

    def forward(self, images: Tensor) -> Tensor:
        """Classify images (N, 3, H, W)."""
        patches = self.patches(images).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(len(images), -1, -1), patches], dim=1)
        values = self.norm(self.blocks(tokens + self.positions))
        classes: Tensor = self.head(values[:, 1:].mean(1))
        return classes


class PoolingTransformer(nn.Module):
    """Overlapping patches, three stages with poolings between them; the head reads the class token.

    Args:
        stages: the blocks of every stage.
        outputs: K, the number of classes.
        image_size: H = W of an image, in pixels.
    """

    def __init__(self, stages: Sequence[Stage], outputs: int, image_size: int) -> None:
        super().__init__()
        side, width = math.floor((image_size - _PATCH) / _STRIDE + 1), stages[0].width
        self.patches = nn.Conv2d(_CHANNELS, width, _PATCH, stride=_STRIDE)
        self.positions = nn.Parameter(torch.zeros(1, width, side, side))
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.stages = nn.ModuleList(stage.blocks() for stage in stages)
        widths = [stage.width for stage in stages]
        self.poolings = nn.ModuleList(_pooling(*pair) for pair in pairwise(widths))
        self.token_maps = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(widths))
        self.norm = nn.LayerNorm(widths[-1], eps=_EPSILON)
        self.head = nn.Linear(widths[-1], outputs)
        for parameter in (self.positions, self.token):
            nn.init.trunc_normal_(parameter, std=_DEVIATION)

    def forward(self, images: Tensor) -> Tensor:
        """Classify images (N, 3, H, W)."""
        patches = self.patches(images) + self.positions
        token = self.token.expand(len(images), -1, -1)
        token, patches = _run(self.stages[0], token, patches)
        following = zip(self.poolings, self.token_maps, self.stages[1:], strict=True)
        for pooling, token_map, blocks in following:
            token, patches = _run(blocks, token_map(token), pooling(patches))
        classes: Tensor = self.head(self.norm(token)[:, 0])
        return classes


def _pooling(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, stride=2, padding=1, groups=before)


def _run(blocks: nn.Module, token: Tensor, patches: Tensor) -> tuple[Tensor, Tensor]:
    """Run blocks on the class token (N, 1, D) and the map of patches (N, D, h, w)."""
    values = blocks(torch.cat([token, patches.flatten(2).transpose(1, 2)], dim=1))
    return values[:, :1], values[:, 1:].transpose(1, 2).reshape(
        -1, *values.shape[2:], *patches.shape[2:]
    )
