"""A pool of labelled images in the size of its task."""

import hashlib
from dataclasses import dataclass
from functools import partial

import numpy as np

from zc_bench.errors import ZcBenchError
from zc_bench.images.labels import form, given_labels
from zc_bench.images.lazy_array import Each, Rows
from zc_bench.images.resize import resize
from zc_bench.tasks import Task


@dataclass(frozen=True, eq=False)
class Images:
    """Labelled images from which batches are drawn.

    Attributes:
        pixels: n rows of uint8 (H, W, 3); with n = 0, batches are noise. Of texts, n rows of int64
            (T,), the tokens.
        labels: n rows in the form of `given_labels`, or None if the task makes labels from images.
        source: a description of the images.
        digest: a short hexadecimal digest: of pixels and labels, or of their files.
    """

    pixels: Rows
    labels: Rows | None
    source: str
    digest: str


def noise(task: Task) -> Images:
    """Return the empty pool, which means noise."""
    pixels, labels = (
        np.empty((0, task.image_size, task.image_size, 3), np.uint8),
        np.empty(0, np.int64),
    )
    of_classes = task.target in ("class", "distribution", "permutation")
    words = "uniform labels" if of_classes else "labels made with it"
    return Images(pixels, labels, f"standard normal noise, {words}", _digest(pixels, labels))


def pool(pixels: np.ndarray, labels: np.ndarray | None, task: Task, source: str) -> Images:
    """Make a pool of images.

    Args:
        pixels: uint8 (n, H, W, 3), of any size. To save memory, larger images than the task's
            shrink at once, and smaller ones grow when they are drawn.
        labels: n labels, in a form that `given_labels` accepts.
        task: the task.
        source: a description of the images, to which the resizing is added.

    Raises:
        ZcBenchError: if an array has another shape or type, if there is no image, or if a label is
            no class of the task.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] != 3 or not pixels.size:
        message = (
            f"{source}: the images are {form(pixels)}, expected uint8 (n, H, W, 3) with n, H, W "
            "from 1 up."
        )
        raise ZcBenchError(message)
    rows, words = given_labels(labels, len(pixels), task, source)
    facts = f"{source}: {len(pixels):,} images, {words}"
    height, width = pixels.shape[1:3]
    size = task.image_size
    if height == width == size:
        return Images(pixels, rows, facts, _digest(pixels, rows))
    facts += f", resized from {height}x{width} to {size}x{size}"
    resized = Each(pixels, partial(resize, task=task))
    if min(height, width) < size:
        return Images(resized, rows, facts, _digest(pixels, rows))
    pixels = resized[np.arange(len(pixels))]
    return Images(pixels, rows, facts, _digest(pixels, rows))


def _digest(pixels: np.ndarray, labels: Rows | None) -> str:
    """Digest the pixels, and labels that do not follow from the task."""
    digest = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=8)
    digest.update(np.ascontiguousarray(pixels).data)
    if isinstance(labels, np.ndarray):
        digest.update(np.ascontiguousarray(labels, labels.dtype.newbyteorder("<")).data)
    return digest.hexdigest()
