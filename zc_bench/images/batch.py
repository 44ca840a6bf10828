"""Seeded batches: drawn, changed at random, normalised, with labels in the form of the task."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from zc_bench.errors import ZcBenchError
from zc_bench.images.augment import crop, flip, grey, jitter
from zc_bench.images.dataset import Images
from zc_bench.images.jigsaw import (
    central_corners,
    draw_corners,
    middle,
    orders_of_tiles,
    tile_side,
    tiles,
)
from zc_bench.images.labels import draw_labels
from zc_bench.seeding import below, normal, numpy_generator, uniform
from zc_bench.tasks import Target, Task

_FLIPPED: tuple[Target, ...] = ("distribution", "permutation", "input", "class map")
_GREY = 0.3  # of the jigsaws


@dataclass(frozen=True, eq=False)
class Batch:
    """A batch: the input of a network, with labels.

    Attributes:
        images: float32 (N, 3, H, W), normalised; for a jigsaw (N, 9, 3, 64, 64), the tiles in the
            order of their label. Of texts, int64 (N, T), the tokens.
        labels: in the form of the task's target (`zc_bench.tasks.Target`), for instance int64 (N,),
            classes; None where the task has no labels.
    """

    images: torch.Tensor
    labels: torch.Tensor | None

    @property
    def targets(self) -> torch.Tensor:
        """The labels of a batch that has some."""
        if self.labels is None:
            message = "the batch has no labels"
            raise ValueError(message)
        return self.labels

    def map(self, function: Callable[[torch.Tensor], torch.Tensor]) -> "Batch":
        """Apply a function to the images and to the labels, where there are some."""
        labels = None if self.labels is None else function(self.labels)
        return Batch(function(self.images), labels)


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Images drawn from a pool.

    Attributes:
        pixels: uint8 (N, H, W, 3).
        labels: rows of the pool's labels, or None.
        flipped: bool (N,), which images to flip.
        again: bool (N,), which images occur earlier in the batch.
    """

    pixels: np.ndarray
    labels: np.ndarray | None
    flipped: np.ndarray
    again: np.ndarray


def draw_batch(
    images: Images,
    task: Task,
    size: int,
    seed: int,
    purpose: str = "batch",
    *,
    augment: bool = True,
) -> Batch:
    """Draw a batch with the training augmentation of NAS-Bench-Suite-Zero.

    Images are drawn without replacement. If the pool has fewer than N, it repeats in another order.
    The random changes depend on the target of the task:

    - class: crop after zero padding by an eighth of the size, flip;
    - distribution, input: flip, change of colours;
    - class map: the same, and the same flip of the label;
    - permutation: flip, change of colours, grey with probability 0.3, the middle enlarged; then
      nine tiles, each at a random place in its ninth, in one of K orders;
    - values: change of colours; a flipped room has other values;
    - normals: none; change of colours for a repeated image.

    Texts never change.

    A flip has probability one half. A repeated image has the opposite flip, so that a small pool
    yields distinct images.

    Args:
        images: the pool of the task; an empty one means noise.
        task: the task: its size, classes and normalisation.
        size: N.
        seed: the seed of the run.
        purpose: the purpose of the batch. Other purposes have independent batches.
        augment: whether images change at random. If not, tiles lie in the middle of their ninths;
            their order is random.

    Returns:
        The batch. It depends on the arguments alone.

    Raises:
        ZcBenchError: if N is below 1, the images have another size than the task's, or a file is
            damaged.
    """
    if size < 1:
        message = f"A batch of {size} images cannot be drawn: ask for 1 or more."
        raise ZcBenchError(message)
    generator = numpy_generator(seed, purpose, task.name)
    n = len(images.pixels)
    if not n:
        return _noise(generator, task, size)
    chosen, flipped = _choose(generator, n, size)
    if task.vocabulary:
        return Batch(torch.from_numpy(images.pixels[chosen]), None)
    labels = None if images.labels is None else images.labels[chosen]
    drawn = _Drawn(images.pixels[chosen], labels, flipped, np.arange(size) >= n)
    if drawn.pixels.shape[1:] != (task.image_size, task.image_size, 3):
        message = (
            f"The images are {drawn.pixels.shape[1:]}, expected "
            f"{task.image_size}x{task.image_size} RGB: resize."
        )
        raise ZcBenchError(message)
    if augment:
        drawn = _augment(generator, task, drawn)
    if task.target == "permutation":
        return _jigsaw(generator, task, drawn.pixels, augment=augment)
    pixels = _normalise(drawn.pixels, task)
    # A copy, so that gradients of the images do not include those of the labels.
    return Batch(pixels, pixels.clone() if drawn.labels is None else _labels(drawn.labels, task))


def _choose(generator: np.random.Generator, n: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Choose N of n images and their flips; go through all images before one repeats."""
    passes = -(-size // n)
    order = np.argsort(uniform(generator, passes, n), axis=1, kind="stable")
    first = uniform(generator, n) < 0.5
    flipped = first[order] ^ (np.arange(passes)[:, None] % 2 == 1)
    return order.ravel()[:size], flipped.ravel()[:size]


def _augment(generator: np.random.Generator, task: Task, drawn: _Drawn) -> _Drawn:
    """Change images at random; flip labels that are maps of the same pixels."""
    if task.target == "class":
        return replace(drawn, pixels=crop(generator, drawn.pixels, drawn.flipped))
    if task.target in _FLIPPED:
        drawn = replace(drawn, pixels=flip(drawn.pixels, drawn.flipped))
    if task.target == "class map" and drawn.labels is not None:
        drawn = replace(drawn, labels=flip(drawn.labels, drawn.flipped))
    changed = drawn.again if task.target == "normals" else np.ones(len(drawn.pixels), bool)
    pixels = jitter(generator, drawn.pixels, changed)
    if task.target == "permutation":
        pixels = middle(grey(pixels, uniform(generator, len(pixels)) < _GREY))
    return replace(drawn, pixels=pixels)


def _jigsaw(
    generator: np.random.Generator, task: Task, pixels: np.ndarray, *, augment: bool
) -> Batch:
    """Cut images into tiles, each in a random order."""
    n, size = pixels.shape[:2]
    labels = below(generator, task.outputs, n)
    corners = draw_corners(generator, n, size) if augment else central_corners(n, size)
    cut = tiles(pixels, orders_of_tiles(task.outputs)[labels].astype(np.intp), corners)
    images = _normalise(cut.reshape(-1, *cut.shape[2:]), task)
    return Batch(images.reshape(n, -1, *images.shape[1:]), torch.from_numpy(labels))


def _normalise(pixels: np.ndarray, task: Task) -> torch.Tensor:
    """Turn uint8 (N, H, W, 3) into normalised float32 (N, 3, H, W)."""
    unit = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous().to(torch.float32) / 255
    mean, std = (torch.tensor(values).reshape(1, 3, 1, 1) for values in (task.mean, task.std))
    return (unit - mean) / std


def _labels(labels: np.ndarray, task: Task) -> torch.Tensor:
    """Convert rows of labels to the form that the loss of the task takes."""
    if task.target == "class map":
        return torch.from_numpy(labels.astype(np.int64))
    given = torch.from_numpy(labels)
    if task.target != "normals":
        return given
    normals = given if given.is_floating_point() else given.to(torch.float32) / 127.5 - 1
    return normals.permute(0, 3, 1, 2).contiguous()


def _noise(generator: np.random.Generator, task: Task, size: int) -> Batch:
    """Draw standard normal images, and labels of the task's form."""
    side, tile = task.image_size, tile_side(task.image_size)
    shape = (9, 3, tile, tile) if task.target == "permutation" else (3, side, side)
    images = torch.from_numpy(normal(generator, size, *shape))
    if task.target == "input":
        return Batch(images, images.clone())
    return Batch(images, _labels(draw_labels(generator, task, size), task))
