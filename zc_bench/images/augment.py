"""Random changes of images, as in the training of a task: crops, flips, colours.

Pillow changes the colours, in whole numbers, as in the loader of NAS-Bench-Suite-Zero.
"""

import numpy as np
from PIL import Image, ImageEnhance

from zc_bench.seeding import below, uniform

STRENGTH = 0.2  # of changes of brightness, contrast and saturation
TURN = 0.1  # of the hue, in turns of the colour circle


def crop(generator: np.random.Generator, pixels: np.ndarray, flipped: np.ndarray) -> np.ndarray:
    """Crop images at random after zero padding by an eighth of their size, then flip some.

    Args:
        generator: where random numbers come from.
        pixels: uint8 (N, H, W, 3), square.
        flipped: bool (N,), which are flipped.
    """
    n, side = pixels.shape[:2]
    margin = side // 8
    padded = np.pad(pixels, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    corners = below(generator, 2 * margin + 1, n, 2)
    steps = np.arange(side)
    rows = corners[:, :1] + steps
    columns = corners[:, 1:] + np.where(flipped[:, None], steps[::-1], steps)
    cropped: np.ndarray = padded[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return cropped


def flip(rows: np.ndarray, flipped: np.ndarray) -> np.ndarray:
    """Flip some of the rows (N, H, W, ...) left to right, images or maps of classes alike.

    Args:
        rows: images or class maps.
        flipped: bool (N,), which are flipped.
    """
    mirrored = rows.copy()
    mirrored[flipped] = rows[flipped, :, ::-1]
    return mirrored


def jitter(
    generator: np.random.Generator,
    pixels: np.ndarray,
    chosen: np.ndarray,
    strength: float = STRENGTH,
    turn: float = TURN,
) -> np.ndarray:
    """Change brightness, contrast, saturation, hue of some images, each in a random order.

    The first three are scaled by a factor in [1 - strength, 1 + strength), the hue is turned by
    [-turn, turn) of the circle.

    Args:
        generator: the source of randomness. The number of draws does not depend on `chosen`.
        pixels: uint8 (N, H, W, 3).
        chosen: bool (N,), which are changed.
        strength: of changes of brightness, contrast and saturation, below 1.
        turn: of the hue, in turns of the colour circle.
    """
    orders = np.argsort(uniform(generator, len(pixels), 4), axis=1, kind="stable")
    amounts = uniform(generator, len(pixels), 4) * 2 - 1
    changed = pixels.copy()
    for place in np.flatnonzero(chosen):
        image = Image.fromarray(pixels[place])
        for change in orders[place]:
            image = _change(image, int(change), float(amounts[place, change]), strength, turn)
        changed[place] = np.asarray(image)
    return changed


def grey(pixels: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Make some images grey: uint8 (N, H, W, 3), bool (N,)."""
    changed = pixels.copy()
    for place in np.flatnonzero(chosen):
        changed[place] = np.asarray(Image.fromarray(pixels[place]).convert("L"))[:, :, None]
    return changed


def _change(
    image: Image.Image, change: int, amount: float, strength: float = STRENGTH, turn: float = TURN
) -> Image.Image:
    """Change an image by an amount in [-1, 1): brightness, contrast, saturation or hue."""
    match change:
        case 0:
            return ImageEnhance.Brightness(image).enhance(1 + strength * amount)
        case 1:
            return ImageEnhance.Contrast(image).enhance(1 + strength * amount)
        case 2:
            return ImageEnhance.Color(image).enhance(1 + strength * amount)
        case _:
            return _turn_hue(image, int(turn * amount * 255))


def _turn_hue(image: Image.Image, steps: int) -> Image.Image:
    """Turn the hue by steps of 1/256 of the circle, as torchvision does."""
    hue, saturation, value = image.convert("HSV").split()
    turned = Image.fromarray(np.asarray(hue) + np.uint8(steps % 256))
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")
