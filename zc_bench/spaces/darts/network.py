"""Networks of DARTS cells: stem, cells, classifier (Liu et al. 2019, arXiv:1806.09055)."""

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
    """The form of a network, apart from the operations in its cells.

    Attributes:
        width: C, the channels of a node in the first cells; doubled by every reduction cell.
        cells: the number of cells. Those at one third and two thirds are reduction cells.
        stem: "cifar" keeps the resolution; "imagenet" divides it by eight.
        affine: whether batch normalisation in cells' operations has a scale and a shift. Without
            them, poolings have a batch normalisation too, as in the search network of DARTS.
    """

    width: int
    cells: int
    stem: Literal["cifar", "imagenet"] = "cifar"
    affine: bool = True

    def row(self) -> Iterator[tuple[int, bool]]:
        """Yield the width of every cell, and whether it is a reduction cell."""
        width = self.width
        for place in range(self.cells):
            reduction = place in (self.cells // 3, 2 * self.cells // 3)
            width *= 2 if reduction else 1
            yield width, reduction


class Network(nn.Module):
    """A network of DARTS cells.

    Args:
        cells: the normal cell and the reduction cell.
        outputs: K, the number of classes.
        skeleton: the form of the network.
        auxiliary: whether a second classifier reads the last reduction cell, for training:
            `with_auxiliary`.
        drop_path: the probability that an operation is left out for an image in training. It is an
            attribute, so that training can raise it.
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
        # The second stem of ImageNet halves the resolution of the first.
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
        # It comes last, so that no other weights depend on it.
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
    """Return the stem, and the channels of the two inputs of the first cell: both are the stem."""
    channels = _STEM_MULTIPLIER * width
    stem = nn.Sequential(nn.Conv2d(3, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))
    return nn.ModuleList([stem]), (channels, channels)


def _imagenet_stems(width: int) -> tuple[nn.ModuleList, tuple[int, int]]:
    """Return two successive stems, and the channels of the first cell's inputs: one stem each."""
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
