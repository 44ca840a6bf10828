"""Views of images: randomly changed for training, unchanged for validation.

They follow DARTS, which uses torchvision. Every image has a generator of its own.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

from zc_bench.images.augment import crop, jitter
from zc_bench.seeding import below, uniform
from zc_bench.tasks import Task
from zc_bench.train.recipe import Recipe

# Maps uint8 (H, W, 3) to float32 (3, H, W) of the task's size, normalised.
View = Callable[[np.ndarray, np.random.Generator], np.ndarray]

_ATTEMPTS = 10
_LEAST_AREA = 0.08
_RATIO = 4 / 3
_STRENGTH, _TURN = 0.4, 0.2  # of the colours of photographs
_MARGIN = 256 / 224


def training_view(task: Task, recipe: Recipe) -> View:
    """Return the view for training: shift or random part, flip, cutout."""

    def view(picture: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        flipped = uniform(generator, 1) < 0.5
        if recipe.photographs:
            part = random_part(picture, task.image_size, generator)[None]
            part = part[:, :, ::-1] if flipped[0] else part
            pixels = jitter(generator, part, np.array([True]), _STRENGTH, _TURN)[0]
        else:
            pixels = crop(generator, picture[None], flipped)[0]
        image = normalised(pixels, task)
        return cut_out(image, recipe.cutout, generator) if recipe.cutout else image

    return view


def validation_view(task: Task) -> View:
    """Return the view for validation: the middle of images that are not in the task's size."""
    size = task.image_size

    def view(picture: np.ndarray, _: np.random.Generator) -> np.ndarray:
        whole = picture.shape[:2] == (size, size)
        return normalised(picture if whole else middle(picture, size), task)

    return view


def normalised(pixels: np.ndarray, task: Task) -> np.ndarray:
    """Turn uint8 (H, W, 3) into normalised float32 (3, H, W)."""
    mean, std = (np.array(values, np.float32) for values in (task.mean, task.std))
    image: np.ndarray = ((pixels.astype(np.float32) / 255 - mean) / std).transpose(2, 0, 1)
    return image


def cut_out(image: np.ndarray, side: int, generator: np.random.Generator) -> np.ndarray:
    """Set a square to zero, the mean of all images (DeVries & Taylor 2017, arXiv:1708.04552).

    Args:
        image: (3, H, W).
        side: the side of the square in pixels. Its centre is anywhere in the image, so a part of it
            may be outside.
        generator: where random numbers come from.
    """
    height, width = image.shape[1:]
    top, left = (int(below(generator, length, 1)[0]) - side // 2 for length in (height, width))
    cut = image.copy()
    cut[:, max(top, 0) : top + side, max(left, 0) : left + side] = 0
    return cut


def random_part(picture: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    """Resize a random part of a picture to a square (Szegedy et al. 2015, arXiv:1409.4842).

    The part has 8 % to 100 % of the area and an aspect ratio from 3/4 to 4/3. If no such part fits,
    it is the middle of the picture.

    Args:
        picture: uint8 (H, W, 3).
        size: of the square, in pixels.
        generator: where random numbers come from.
    """
    height, width = picture.shape[:2]
    draws = uniform(generator, _ATTEMPTS, 4)
    areas = height * width * (_LEAST_AREA + (1 - _LEAST_AREA) * draws[:, 0])
    ratios = _RATIO ** (2 * draws[:, 1] - 1)
    widths, heights = (
        np.maximum(1, np.rint(np.sqrt(sides))).astype(int)
        for sides in (areas * ratios, areas / ratios)
    )
    fitting = np.flatnonzero((widths <= width) & (heights <= height))
    if not fitting.size:
        return _resized(picture, _central_box(height, width), size)
    first = fitting[0]
    w, h = int(widths[first]), int(heights[first])
    left, top = int(draws[first, 2] * (width - w + 1)), int(draws[first, 3] * (height - h + 1))
    return _resized(picture, (left, top, left + w, top + h), size)


def _central_box(height: int, width: int) -> tuple[int, int, int, int]:
    """Return the largest part in the middle with an allowed aspect ratio."""
    w, h = min(width, round(height * _RATIO)), min(height, round(width * _RATIO))
    left, top = (width - w) // 2, (height - h) // 2
    return left, top, left + w, top + h


def middle(picture: np.ndarray, size: int) -> np.ndarray:
    """Resize the shorter side to 256/224 of a size, and cut out the middle square of that size."""
    height, width = picture.shape[:2]
    scale = round(size * _MARGIN) / min(height, width)
    half = size / scale / 2
    x, y = width / 2, height / 2
    return _resized(picture, (x - half, y - half, x + half, y + half), size)


def _resized(picture: np.ndarray, box: tuple[float, float, float, float], size: int) -> np.ndarray:
    image = Image.fromarray(picture).resize((size, size), Image.Resampling.BILINEAR, box)
    return np.asarray(image)
