"""The networks of TransNAS-Bench-101: a stem, modules of two blocks each, and the head of a task.

Both spaces use these networks. A module of kind 1 keeps channels and resolution, kind 2 doubles the
channels, kind 3 halves the resolution, kind 4 does both. The first of its two blocks makes the
change.

References:
    Duan et al. 2021, TransNAS-Bench-101, arXiv:2105.11871, section 3.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import torch
from torch import Tensor, nn

from zc_bench.spaces.blocks import ReluConvBn, size
from zc_bench.spaces.tnb101.heads import head
from zc_bench.tasks import Task

# The order is that of the paper's tables, whose four tasks come first.
TASKS = (
    "class_scene",
    "class_object",
    "jigsaw",
    "autoencoder",
    "normal",
    "segmentsemantic",
    "room_layout",
)

# Channels of the stem, which also quarters the resolution.
WIDTH = 64
_STEM_HALVINGS = 2
_BLOCKS_PER_MODULE = 2

# A block is built from its input channels, its output channels and its stride.
Shape = tuple[int, int, int]


def widens(kind: int) -> bool:
    """Return whether modules of a kind double the channels."""
    return kind in (2, 4)


def shrinks(kind: int) -> bool:
    """Return whether modules of a kind halve the resolution."""
    return kind in (3, 4)


def build(
    kinds: Sequence[int], block: Callable[[int, int, int], nn.Module], task: Task
) -> nn.Module:
    """Build a network: He et al.'s normal in stem and blocks, torch's default in the head.

    Args:
        kinds: the kinds of the modules, 1..4.
        block: a function that builds a block of a shape.
        task: the task of the head. For jigsaw, the tiles go through the same encoder one after
            another.

    Returns:
        A module from images (N, 3, H, W), for jigsaw (N, 9, 3, H, W), to the outputs of the task.
    """
    encoder = nn.Sequential(*_stem(), *(block(*shape) for shape in _shapes(kinds)))
    for module in encoder.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    entered = _Tilewise(encoder) if task.target == "permutation" else encoder
    return nn.Sequential(entered, head(task, *_features(kinds)))


def parameters(kinds: Sequence[int], block_size: Callable[[int, int, int], int], task: Task) -> int:
    """Count the parameters of a network without building it.

    Args:
        kinds: the kinds of the modules, 1..4.
        block_size: a function that counts the parameters of a block of a shape.
        task: the task of the head.
    """
    blocks = sum(block_size(*shape) for shape in _shapes(kinds))
    return _stem_size() + blocks + _head_size(task, *_features(kinds))


def _shapes(kinds: Sequence[int]) -> Iterator[Shape]:
    """Yield the shapes of the blocks."""
    width = WIDTH
    for kind in kinds:
        entered, width = width, width * (2 if widens(kind) else 1)
        yield entered, width, 2 if shrinks(kind) else 1
        yield from [(width, width, 1)] * (_BLOCKS_PER_MODULE - 1)


def _features(kinds: Sequence[int]) -> tuple[int, int]:
    """Return the channels that leave the encoder, and how often it halves the resolution.

    The authors derive the latter from an image of 224 x 224 and round. It is the same for 256 x
    256.
    """
    return WIDTH << sum(map(widens, kinds)), _STEM_HALVINGS + sum(map(shrinks, kinds))


def _stem() -> tuple[nn.Module, ...]:
    half = WIDTH // 2
    return (
        nn.Conv2d(3, half, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(half),
        ReluConvBn(half, WIDTH, 3, stride=2),
    )


@cache
def _stem_size() -> int:
    with torch.device("meta"):
        return size(nn.Sequential(*_stem()))


@cache
def _head_size(task: Task, channels: int, halvings: int) -> int:
    with torch.device("meta"):
        return size(head(task, channels, halvings))


class _Tilewise(nn.Module):
    """Runs the same encoder on every tile and concatenates the features along the channels."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, tiles: Tensor) -> Tensor:
        # The tiles run one after another, so batch normalisation uses the batch of one tile
        # position.
        return torch.cat([self.encoder(tile) for tile in tiles.unbind(1)], dim=1)
