import hashlib
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from painted import coloured
from PIL import Image

from zc_bench.images.jigsaw import (
    central_corners,
    draw_corners,
    middle,
    orders_of_tiles,
    tile_side,
    tiles,
)
from zc_bench.seeding import numpy_generator


def test_the_orders_stay_the_same_for_all_time() -> None:
    orders = orders_of_tiles(1000)
    assert (orders.dtype, orders.shape) == (np.uint8, (1000, 9))
    assert hashlib.sha256(orders.tobytes()).hexdigest()[:16] == "40cba0cc01f86922"
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.broadcast_to(np.arange(9), (1000, 9)))


def test_any_two_orders_differ_in_five_places_or_more() -> None:
    orders = orders_of_tiles(1000)
    differing = [(orders[place] != orders[place + 1 :]).sum(1).min() for place in range(999)]
    assert min(differing) == 5


def test_each_order_is_as_far_from_the_earlier_ones_as_can_be() -> None:
    # Nine orders that differ everywhere: the rows of a Latin square.
    orders = orders_of_tiles(9).tolist()
    assert orders[0] == list(range(9))
    assert all(
        all(a != b for a, b in zip(one, other, strict=True))
        for one, other in combinations(orders, 2)
    )
    np.testing.assert_array_equal(orders_of_tiles(1000)[:9], orders)


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_tiles_are_cut_from_their_ninths(seed: int) -> None:
    images = coloured(3, 255)
    generator = numpy_generator(seed, "tiles")
    orders = orders_of_tiles(1000)[[seed % 1000, 1, 999]].astype(np.intp)
    corners = draw_corners(generator, 3, 255)
    assert corners.min() >= 0
    assert corners.max() <= 21
    cut = tiles(images, orders, corners)
    assert (cut.dtype, cut.shape) == (np.uint8, (3, 9, 64, 64, 3))
    for n in range(3):
        for place in range(9):
            row, column = divmod(int(orders[n, place]), 3)
            top, left = 85 * row + corners[n, place, 0], 85 * column + corners[n, place, 1]
            np.testing.assert_array_equal(
                cut[n, place], images[n, top : top + 64, left : left + 64]
            )


@given(st.integers(1, 300), st.booleans())
def test_tiles_of_any_size_stay_in_their_ninths(size: int, augment: bool) -> None:
    images = np.zeros((1, size, size, 3), np.uint8)
    corners = (
        draw_corners(numpy_generator(0, "corners"), 1, size)
        if augment
        else central_corners(1, size)
    )
    side = tile_side(size)
    assert tiles(images, np.arange(9)[None], corners).shape == (1, 9, side, side, 3)
    assert size < 3 or int(corners.max()) + side <= size // 3


def test_tiles_are_a_quarter_of_the_side() -> None:
    assert [tile_side(size) for size in (255, 224, 64, 3)] == [64, 56, 16, 1]


def test_corners_reach_all_there_is() -> None:
    corners = draw_corners(numpy_generator(0, "corners"), 200, 255)
    assert corners.shape == (200, 9, 2)
    assert set(corners.ravel().tolist()) == set(range(22))


def test_central_tiles_lie_in_the_middle() -> None:
    assert central_corners(2, 255).shape == (2, 9, 2)
    assert set(central_corners(2, 255).ravel().tolist()) == {10}


def test_the_middle_is_enlarged() -> None:
    images = coloured(2, 255)
    for image, enlarged in zip(images, middle(images), strict=True):
        # 0.9 * 255 = 229.5 from 12.75 on: Pillow rounds the edges of the box to 13 and 242.
        box = Image.fromarray(image).crop((13, 13, 13 + 229.5, 13 + 229.5))  # type: ignore[arg-type]
        assert box.size == (229, 229)
        expected = box.resize((255, 255), Image.Resampling.BILINEAR)
        np.testing.assert_array_equal(enlarged, np.asarray(expected))
