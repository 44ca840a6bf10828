"""A pool of labelled images, checked and brought to the size of its task."""

import hashlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from zc_bench.errors import ZcBenchError
from zc_bench.tasks import Task


@dataclass(frozen=True, eq=False)
class Images:
    """Labelled images from which batches are drawn.

    Attributes:
        pixels: uint8 (n, H, W, 3); with n = 0, batches are noise.
        labels: int64 (n,), in [0, K).
        source: what they are, in words.
        digest: a short digest of pixels and labels, in hexadecimal.
    """

    pixels: np.ndarray
    labels: np.ndarray
    source: str
    digest: str


def noise(task: Task) -> Images:
    """Return the pool of noise: it is empty."""
    pixels = np.empty((0, task.image_size, task.image_size, 3), np.uint8)
    return _images(pixels, np.empty(0, np.int64), "standard normal noise, uniform labels")


def pool(pixels: np.ndarray, labels: np.ndarray, task: Task, source: str) -> Images:
    """Make a pool of images.

    Args:
        pixels: uint8 (n, H, W, 3), of any size; resized to the size of the task.
        labels: whole numbers (n,).
        task: the task whose classes the labels name.
        source: what they are, in words; what is done to them is added.

    Raises:
        ZcBenchError: if an array has another shape or type, there is no image, or a label is no class of the task.
    """
    _check(pixels, labels, task, source)
    facts = f"{len(labels):,} images, labels {labels.min()} to {labels.max()} of {task.outputs} classes"
    height, width = pixels.shape[1:3]
    if height != task.image_size or width != task.image_size:
        facts += f", resized from {height}x{width} to {task.image_size}x{task.image_size}"
        pixels = np.stack([resize(image, task.image_size) for image in pixels])
    return _images(np.ascontiguousarray(pixels), labels.astype(np.int64), f"{source}: {facts}")


def resize(image: np.ndarray, size: int) -> np.ndarray:
    """Resize an image, uint8 (H, W, 3), to (size, size, 3).

    Shrinking averages over boxes, as the authors of the small ImageNets did; growing interpolates.
    """
    shrinks = min(image.shape[:2]) >= size
    method = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(image).resize((size, size), method))


def _images(pixels: np.ndarray, labels: np.ndarray, source: str) -> Images:
    digest = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=8)
    digest.update(pixels.data)
    digest.update(labels.astype("<i8").data)
    return Images(pixels, labels, source, digest.hexdigest())


def _check(pixels: np.ndarray, labels: np.ndarray, task: Task, source: str) -> None:
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] != 3 or not pixels.size:
        message = f"{source}: the images are {_form(pixels)}, expected uint8 (n, H, W, 3) with n, H, W from 1 up."
        raise ZcBenchError(message)
    if labels.dtype.kind not in "iu" or labels.shape != pixels.shape[:1]:
        message = f"{source}: the labels are {_form(labels)}, expected one whole number per image, ({len(pixels)},)."
        raise ZcBenchError(message)
    wrong = labels[(labels < 0) | (labels >= task.outputs)]
    if wrong.size:
        message = (
            f"{source}: the label {wrong[0]} is no class of {task.name}, expected 0 to {task.outputs - 1}: "
            "correct the labels, or choose the task that they belong to."
        )
        raise ZcBenchError(message)


def _form(array: np.ndarray) -> str:
    return f"{array.dtype} {array.shape}"
