"""Jigsaws: cut images into nine tiles, and put these into another order (Noroozi and Favaro 2016, arXiv:1603.09246)."""

from functools import cache
from itertools import permutations

import numpy as np
from PIL import Image

from zc_bench.images.rng import below

_GRID = 3
_PIECES = _GRID**2
_KEPT = 0.9  # of each side, when the middle of an image is cut out


def tile_side(size: int) -> int:
    """Return the pixels along a side of a tile: 64 of images of 255, as many in proportion of others, at least one."""
    return max(1, size * 64 // 255)


def middle(pixels: np.ndarray) -> np.ndarray:
    """Cut out the middle nine tenths of images, uint8 (N, H, W, 3), and enlarge them to the size they had.

    Edges lie where the loader of NAS-Bench-Suite-Zero, through torchvision and Pillow, rounds them to.
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
        orders: (N, 9), which piece of the image, in rows of three, each tile is cut from.
        corners: (N, 9, 2), how far down and how far right in its piece each tile begins, in pixels.

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
    """Draw where tiles of n images begin in their pieces: (n, 9, 2), in pixels."""
    return below(generator, _room(size) + 1, n, _PIECES, 2)


def central_corners(n: int, size: int) -> np.ndarray:
    """Return the corners of tiles that lie in the middle of their pieces: (n, 9, 2), in pixels."""
    return np.full((n, _PIECES, 2), _room(size) // 2)


def _room(size: int) -> int:
    """Return how far a tile can move in its piece."""
    return max(0, size // _GRID - tile_side(size))


@cache
def orders_of_tiles(classes: int) -> np.ndarray:
    """Return the orders that tiles are put in: the identity, then always one as far from all before as can be.

    How far two orders are from each other is in how many places they differ; of several, the first in the order of the
    alphabet is taken. Of 1000 orders any two differ in 5 places or more. NAS-Bench-Suite-Zero reads a file whose orders
    were chosen for their mean distance, from a random one on: classes have other orders there.

    Args:
        classes: how many.

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
