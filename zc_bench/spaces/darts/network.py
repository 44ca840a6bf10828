"""Networks of DARTS cells: stem, cells of which two reduce, classifier (Liu et al. 2019, arXiv:1806.09055)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import torch
from torch import Tensor, nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.blocks import size
from zc_bench.spaces.darts.genotype import NODES, Pairs
from zc_bench.spaces.darts.layers import Cell, operation_size, stride_of

# The normal cell and the reduction cell.
Cells = tuple[Pairs, Pairs]

_OUTPUTS_PER_CELL = len(set(NODES))
_STEM_MULTIPLIER = 3


@dataclass(frozen=True)
class Skeleton:
    """What a network is, apart from the operations in its cells.

    Attributes:
        width: C, the channels of a node in the first cells; doubled by every reduction cell.
        cells: how many; those at one third and two thirds of them are reduction cells.
        stem: "cifar" keeps the resolution; "imagenet" divides it by eight.
        affine: whether batch normalisation in cells' operations has a scale and a shift. Where it has none, poolings
            are followed by one too, as in the network that DARTS searches with.
    """

    width: int
    cells: int
    stem: Literal["cifar", "imagenet"] = "cifar"
    affine: bool = True

    def row(self) -> Iterator[tuple[int, bool]]:
        """Yield width and kind of every cell: whether it is a reduction cell."""
        width = self.width
        for place in range(self.cells):
            reduction = place in (self.cells // 3, 2 * self.cells // 3)
            width *= 2 if reduction else 1
            yield width, reduction


class Network(nn.Module):
    """A network of DARTS cells.

    Args:
        cells: the normal cell and the reduction cell.
        outputs: K, classes.
        skeleton: the rest.
        auxiliary: whether a second classifier reads the last reduction cell. It is for training: `with_auxiliary`.
        drop_path: how likely an operation is left out of its node, for one image, while training. An attribute, so
            that training can raise it.
    """

    def __init__(
        self,
        cells: Cells,
        outputs: int,
        skeleton: Skeleton,
        *,
        auxiliary: bool = False,
        drop_path: float = 0.0,
    ) -> None:
        super().__init__()
        self.drop_path = drop_path
        imagenet = skeleton.stem == "imagenet"
        self.stems, channels = (_imagenet_stems if imagenet else _cifar_stems)(skeleton.width)
        self.cells = nn.ModuleList()
        # The second of ImageNet's stems halves the resolution of the first.
        after_reduction = imagenet
        for place, (width, reduction) in enumerate(skeleton.row()):
            cell = Cell(
                cells[reduction],
                channels,
                width,
                reduction=reduction,
                after_reduction=after_reduction,
                affine=skeleton.affine,
            )
            self.cells.append(cell)
            channels, after_reduction = (channels[1], _OUTPUTS_PER_CELL * width), reduction
            if reduction:
                self.last_reduction, middle = place, channels[1]
        self.classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels[1], outputs)
        )
        # Last, so that the weights of all else do not depend on it.
        self.auxiliary = _auxiliary_head(middle, outputs, skeleton.stem) if auxiliary else None

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to logits (N, K)."""
        logits: Tensor = self.classifier(self._run(images)[-1])
        return logits

    def with_auxiliary(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map images (N, 3, H, W) to logits and to those of the auxiliary classifier, both (N, K).

        Raises:
            ZcBenchError: if there is none.
        """
        if self.auxiliary is None:
            message = "The network has no auxiliary classifier: build it with auxiliary=True."
            raise ZcBenchError(message)
        outputs = self._run(images)
        return self.classifier(outputs[-1]), self.auxiliary(outputs[self.last_reduction])

    def _run(self, images: Tensor) -> list[Tensor]:
        """Return the outputs of all cells."""
        before = self.stems[0](images)
        previous = before if len(self.stems) == 1 else self.stems[1](before)
        outputs = []
        for cell in self.cells:
            before, previous = previous, cell(previous, before, self.drop_path)
            outputs.append(previous)
        return outputs


def network_size(cells: Cells, outputs: int, skeleton: Skeleton) -> int:
    """Count the parameters of a network without auxiliary classifier, without building it."""
    return _empty_size(outputs, skeleton) + sum(
        operation_size(
            name, width, stride_of(predecessor, reduction=reduction), affine=skeleton.affine
        )
        for width, reduction in skeleton.row()
        for name, predecessor in cells[reduction]
    )


@cache
def _empty_size(outputs: int, skeleton: Skeleton) -> int:
    """Count the parameters of the network whose operations have none."""
    empty = (("none", 0),) * len(NODES)
    with torch.device("meta"):
        return size(Network((empty, empty), outputs, skeleton))


def _cifar_stems(width: int) -> tuple[nn.ModuleList, tuple[int, int]]:
    """Return the stem, and the channels that the first cell's two inputs read: both read the stem."""
    channels = _STEM_MULTIPLIER * width
    stem = nn.Sequential(nn.Conv2d(3, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))
    return nn.ModuleList([stem]), (channels, channels)


def _imagenet_stems(width: int) -> tuple[nn.ModuleList, tuple[int, int]]:
    """Return two stems, one after the other, and the channels that the first cell's two inputs read: one each."""
    first = nn.Sequential(*_halving(3, width // 2), nn.ReLU(), *_halving(width // 2, width))
    second = nn.Sequential(nn.ReLU(), *_halving(width, width))
    return nn.ModuleList([first, second]), (width, width)


def _halving(c_in: int, c_out: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(c_in, c_out, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(c_out)


def _auxiliary_head(channels: int, outputs: int, stem: str) -> nn.Sequential:
    """Build the classifier for maps of 8 x 8 pixels, or 7 x 7 for ImageNet.

    The second batch normalisation is missing for ImageNet, as in the authors' experiments.
    """
    cifar = stem == "cifar"
    return nn.Sequential(
        nn.ReLU(),
        nn.AvgPool2d(5, stride=3 if cifar else 2, count_include_pad=False),
        nn.Conv2d(channels, 128, 1, bias=False),
        nn.BatchNorm2d(128),
        nn.ReLU(),
        nn.Conv2d(128, 768, 2, bias=False),
        nn.BatchNorm2d(768) if cifar else nn.Identity(),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(768, outputs),
    )
