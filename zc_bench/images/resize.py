"""Resizing images and class maps to the size of a task."""

import numpy as np
from PIL import Image

from zc_bench.tasks import Task


def resize(image: np.ndarray, task: Task) -> np.ndarray:
    """Resize an image, uint8 (H, W, 3), to the task's size.

    Enlarging interpolates. Shrinking averages over boxes, as for the small ImageNets. Images of
    Taskonomy are interpolated in both cases, as in TransNAS-Bench-101.
    """
    size = task.image_size
    boxes = task.dataset != "Taskonomy" and min(image.shape[:2]) >= size
    method = Image.Resampling.BOX if boxes else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(image).resize((size, size), method))


def resize_classes(classes: np.ndarray, task: Task) -> np.ndarray:
    """Resize a class map, (H, W), to the task's size; each pixel has the class of the nearest."""
    # Integers: in floating point, a centre on the edge of two pixels could be rounded to either.
    centres = 2 * np.arange(task.image_size) + 1
    rows, columns = (centres * side // (2 * task.image_size) for side in classes.shape)
    nearest: np.ndarray = classes[rows[:, None], columns]
    return nearest
