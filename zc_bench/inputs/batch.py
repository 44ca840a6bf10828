"""Seeded batches: which images, cropped and flipped how, normalised."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from zc_bench.errors import ZcBenchError
from zc_bench.inputs.pool import Images
from zc_bench.seeding import numpy_generator
from zc_bench.tasks import Task


@dataclass(frozen=True, eq=False)
class Batch:
    """A batch, as a network sees it.

    Attributes:
        images: float32 (N, 3, H, W), normalised.
        labels: int64 (N,).
    """

    images: torch.Tensor
    labels: torch.Tensor


def draw_batch(
    images: Images, task: Task, size: int, seed: int, purpose: str = "batch", *, augment: bool = True
) -> Batch:
    """Draw a batch with the training augmentation of NAS-Bench-Suite-Zero.

    Images are drawn without replacement; if there are fewer than N, the pool is gone through again in another order.
    Each is cropped at random after zero padding by an eighth of its size, and flipped with probability one half, the
    other way each time it comes again, so that a small pool still gives distinct images.

    Args:
        images: the pool; an empty one gives noise.
        task: the task, for its size, classes and normalisation.
        size: N.
        seed: the seed of the run.
        purpose: what the batch is for; another purpose gives an independent batch.
        augment: whether images are cropped and flipped at random.

    Returns:
        The batch. It depends on the arguments alone.

    Raises:
        ZcBenchError: if N is below 1, or the images have another size than the task's.
    """
    if size < 1:
        message = f"A batch of {size} images cannot be drawn: ask for 1 or more."
        raise ZcBenchError(message)
    if images.pixels.shape[1:] != (task.image_size, task.image_size, 3):
        message = f"The images are {images.pixels.shape[1:]}, expected {task.image_size}x{task.image_size} RGB: resize."
        raise ZcBenchError(message)
    generator = numpy_generator(seed, purpose, task.name)
    if not len(images.labels):
        return _noise(generator, task, size)
    chosen, flipped = _choose(generator, len(images.labels), size)
    pixels = images.pixels[chosen]
    if augment:
        pixels = _crop(generator, pixels, flipped)
    return Batch(_normalise(pixels, task), torch.from_numpy(images.labels[chosen]))


def _uniform(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw float64 in [0, 1).

    The raw stream of a bit generator never changes between versions of NumPy; what its distributions make of it may.
    """
    raw = generator.bit_generator.random_raw(math.prod(shape))
    return (raw >> np.uint64(11)).reshape(shape) * 2.0**-53


def _choose(generator: np.random.Generator, n: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Choose N of n images and whether to flip them, going through all of them as often as it takes."""
    passes = -(-size // n)
    order = np.argsort(_uniform(generator, passes, n), axis=1, kind="stable")
    first = _uniform(generator, n) < 0.5
    flipped = first[order] ^ (np.arange(passes)[:, None] % 2 == 1)
    return order.ravel()[:size], flipped.ravel()[:size]


def _crop(generator: np.random.Generator, pixels: np.ndarray, flipped: np.ndarray) -> np.ndarray:
    """Crop images (N, H, W, 3) at random after zero padding, then flip some."""
    n, side = pixels.shape[:2]
    margin = side // 8
    padded = np.pad(pixels, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    corners = (_uniform(generator, n, 2) * (2 * margin + 1)).astype(np.intp)
    steps = np.arange(side)
    rows = corners[:, :1] + steps
    columns = corners[:, 1:] + np.where(flipped[:, None], steps[::-1], steps)
    cropped: np.ndarray = padded[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return cropped


def _normalise(pixels: np.ndarray, task: Task) -> torch.Tensor:
    """Turn uint8 (N, H, W, 3) into normalised float32 (N, 3, H, W)."""
    unit = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous().to(torch.float32) / 255
    mean, std = (torch.tensor(values).reshape(1, 3, 1, 1) for values in (task.mean, task.std))
    return (unit - mean) / std


def _noise(generator: np.random.Generator, task: Task, size: int) -> Batch:
    """Draw standard normal images (Box-Muller) and uniform labels."""
    radius, angle = _uniform(generator, 2, size, 3, task.image_size, task.image_size)
    normal = np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * np.pi * angle)
    labels = (_uniform(generator, size) * task.outputs).astype(np.int64)
    return Batch(torch.from_numpy(normal.astype(np.float32)), torch.from_numpy(labels))
