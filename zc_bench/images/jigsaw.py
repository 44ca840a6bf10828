"""Jigsaws: nine tiles of an image in another order (Noroozi and Favaro 2016, arXiv:1603.09246)."""

from functools import cache
from itertools import permutations

import numpy as np
from PIL import Image

from zc_bench.seeding import below

_GRID = 3
_PIECES = _GRID**2
_KEPT = 0.9  # of each side, when the middle of an image is cut out


def tile_side(size: int) -> int:
    """Return the side of a tile in pixels: 64 for images of 255, else in proportion, at least 1."""
    return max(1, size * 64 // 255)


def middle(pixels: np.ndarray) -> np.ndarray:
    """Enlarge the middle nine tenths of images, uint8 (N, H, W, 3), to the full size.

    The edges are rounded as in the loader of NAS-Bench-Suite-Zero, by torchvision and Pillow.
    """
    size = pixels.shape[1]
    first = round((size - size * _KEPT) / 2)
    last = round(first + size * _KEPT)
    cut = [Image.fromarray(image[first:last, first:last]) for image in pixels]
    return np.stack(
        [np.asarray(image.resize((size, size), Image.Resampling.BILINEAR)) for image in cut]
    )


def tiles(pixels: np.ndarray, orders: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Cut images into tiles.

    Args:
        pixels: uint8 (N, H, W, 3), square.
        orders: (N, 9), the piece of the image, counted in rows of three, of each tile.
        corners: (N, 9, 2), the offset of each tile in its piece, down and right, in pixels.

    Returns:
        uint8 (N, 9, side, side, 3), with the side that `tile_side` produces.
    """
    piece = pixels.shape[1] // _GRID
    steps = np.arange(tile_side(pixels.shape[1]))
    rows = (orders // _GRID * piece + corners[:, :, 0])[:, :, None] + steps
    columns = (orders % _GRID * piece + corners[:, :, 1])[:, :, None] + steps
    images = np.arange(len(pixels))[:, None, None, None]
    cut: np.ndarray = pixels[images, rows[:, :, :, None], columns[:, :, None, :]]
    return cut


def draw_corners(generator: np.random.Generator, n: int, size: int) -> np.ndarray:
    """Draw the offsets of tiles in their pieces for n images: (n, 9, 2), in pixels."""
    return below(generator, _room(size) + 1, n, _PIECES, 2)


def central_corners(n: int, size: int) -> np.ndarray:
    """Return the offsets of tiles in the middle of their pieces: (n, 9, 2), in pixels."""
    return np.full((n, _PIECES, 2), _room(size) // 2)


def _room(size: int) -> int:
    """Return the largest offset of a tile in its piece."""
    return max(0, size // _GRID - tile_side(size))


@cache
def orders_of_tiles(classes: int) -> np.ndarray:
    """Return orders of tiles: the identity, then always the order farthest from all before.

    The distance of two orders is the number of places in which they differ. Among equally far
    orders, the first in lexicographic order is taken. Of 1000 orders, any two differ in 5 places or
    more. NAS-Bench-Suite-Zero reads a file of orders that were chosen for their mean distance, so
    its classes stand for other orders.

    Args:
        classes: the number of orders.

    Returns:
        uint8 (classes, 9).
    """
    candidates = np.array(list(permutations(range(_PIECES))), np.uint8)
    places = np.ascontiguousarray(candidates.T)
    nearest = np.full(len(candidates), _PIECES + 1, np.uint8)
    chosen = [0]
    for _ in range(classes - 1):
        differing = np.zeros(len(candidates), np.uint8)
        for place in places:
            differing += place != place[chosen[-1]]
        np.minimum(nearest, differing, out=nearest)
        chosen.append(int(nearest.argmax()))
    return candidates[chosen]
