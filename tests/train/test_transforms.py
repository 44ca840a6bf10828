import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zc_bench.tasks import Task, task_registry
from zc_bench.train import recipes
from zc_bench.train.transforms import (
    cut_out,
    middle,
    normalised,
    random_part,
    training_view,
    validation_view,
)

CIFAR, IMAGENET = recipes["darts"]["cifar10"], recipes["darts"]["imagenet"]


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def gradient(height: int, width: int) -> np.ndarray:
    """A picture that tells where a part is from.

    Red is the row, green the column, in 1/255 of the whole.
    """
    rows, columns = np.mgrid[:height, :width]
    return np.stack(
        [255 * (rows + 0.5) / height, 255 * (columns + 0.5) / width, np.zeros_like(rows, float)], -1
    ).astype(np.uint8)


def test_normalised_is_that_of_the_task(task: Task) -> None:
    image = normalised(np.full((2, 2, 3), 51, np.uint8), task)
    assert image.shape == (3, 2, 2)
    expected = (0.2 - np.array(task.mean)) / np.array(task.std)
    np.testing.assert_allclose(image[:, 0, 0], expected, rtol=1e-5)


@settings(max_examples=50)
@given(st.integers(0, 10_000))
def test_a_square_is_cut_out_around_a_pixel(seed: int) -> None:
    image = cut_out(np.ones((3, 32, 32), np.float32), 16, generator(seed))
    zeros = image == 0
    rows, columns = np.flatnonzero(zeros[0].any(1)), np.flatnonzero(zeros[0].any(0))
    assert (zeros == np.isin(np.arange(32), rows)[:, None] & np.isin(np.arange(32), columns)).all()
    # The centre is in the image: at least half of each side is, and all of it unless it is at an
    # edge.
    for side in (rows, columns):
        assert 8 <= len(side) <= 16
        assert len(side) == 16 or side[0] == 0 or side[-1] == 31


def test_every_pixel_is_cut_out_as_often_as_the_centre_allows() -> None:
    counts = sum(
        (cut_out(np.ones((1, 8, 8)), 4, generator(seed)) == 0)[0].astype(int)
        for seed in range(2000)
    )
    # Pixel p is covered by centres p - 1 .. p + 2 inside the image, in either direction.
    share = np.array([sum(0 <= p + shift < 8 for shift in (-1, 0, 1, 2)) for p in range(8)]) / 8
    expected = 2000 * np.outer(share, share)
    assert (abs(counts - expected) < 5 * np.sqrt(expected)).all()


def test_what_is_cut_out_of_is_left_alone() -> None:
    image = np.ones((3, 8, 8), np.float32)
    cut_out(image, 4, generator())
    assert (image == 1).all()


@settings(max_examples=60)
@given(st.integers(20, 90), st.integers(20, 90), st.integers(0, 1000))
def test_a_part_has_an_area_and_a_shape_that_are_allowed(
    height: int, width: int, seed: int
) -> None:
    part = random_part(gradient(height, width), 64, generator(seed)).astype(float)
    # Where it begins and ends in the whole, to a pixel: red and green of its corners.
    down, right = (part[-1, 0, 0] - part[0, 0, 0]) / 255, (part[0, -1, 1] - part[0, 0, 1]) / 255
    h, w = down * height * 64 / 63, right * width * 64 / 63
    assert 0 < h <= height + 2
    assert 0 < w <= width + 2
    assert 0.08 * height * width * 0.5 - 40 < h * w
    assert 3 / 4 / 1.5 < w / h < 4 / 3 * 1.5


def test_parts_lie_everywhere_and_have_all_sizes() -> None:
    whole = gradient(200, 200)
    parts = [random_part(whole, 32, generator(seed)).astype(float) for seed in range(400)]
    areas = np.array([np.ptp(part[:, :, 0]) * np.ptp(part[:, :, 1]) / 255**2 for part in parts])
    # Of a uniform area in [0.08, 1] those that fit are kept; the bilinear edge takes a thirtieth
    # off each side.
    assert areas.min() < 0.12
    assert areas.max() > 0.8
    centres = np.array([part[:, :, :2].mean((0, 1)) / 255 for part in parts])
    assert (abs(centres.mean(0) - 0.5) < 5 * centres.std(0) / math.sqrt(400)).all()


def test_a_picture_that_is_too_long_gives_its_middle() -> None:
    part = random_part(gradient(10, 400), 32, generator(3))
    columns = part[0, :, 1].astype(float) / 255 * 400
    assert 190 < columns.mean() < 210
    assert np.ptp(columns) < 15


def test_the_middle_is_the_square_of_seven_eighths() -> None:
    """256 pixels for the shorter side, of which 224 are used."""
    view = middle(gradient(100, 300), 224).astype(float)
    rows, columns = view[:, 0, 0] / 255 * 100, view[0, :, 1] / 255 * 300
    assert rows[0] == pytest.approx(6.25, abs=1)
    assert rows[-1] == pytest.approx(93.75, abs=1)
    assert columns[0] == pytest.approx(150 - 43.75, abs=2)
    assert columns[-1] == pytest.approx(150 + 43.75, abs=2)


def test_a_view_for_training_is_shifted_flipped_and_cut(task: Task) -> None:
    picture = gradient(32, 32)
    views = [training_view(task, CIFAR)(picture, generator(seed)) for seed in range(40)]
    assert {view.shape for view in views} == {(3, 32, 32)}
    assert all((view == 0).all(0).sum() >= 64 for view in views)
    whole = training_view(task, replace(CIFAR, cutout=0))
    rising = [
        np.diff(whole(picture, generator(seed))[1, 12, 8:24]).mean() > 0 for seed in range(40)
    ]
    assert 8 < sum(rising) < 32


def test_a_photograph_is_seen_in_part_and_in_other_colours() -> None:
    task = replace(task_registry["imagenet"], image_size=16)
    picture = gradient(60, 80)
    views = [training_view(task, IMAGENET)(picture, generator(seed)) for seed in range(30)]
    assert {view.shape for view in views} == {(3, 16, 16)}
    # There is no blue in the picture: where there is, the hue was turned.
    none = -task.mean[2] / task.std[2]
    assert sum(view[2].mean() > none + 0.05 for view in views) > 10
    assert {bool(view[1, 8, 0] < view[1, 8, -1]) for view in views} == {True, False}


def test_the_same_generator_gives_the_same_view(task: Task) -> None:
    view = training_view(task, CIFAR)
    first, same, other = (view(gradient(32, 32), generator(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_for_validation_nothing_is_drawn(task: Task) -> None:
    picture = gradient(32, 32)
    np.testing.assert_array_equal(
        validation_view(task)(picture, generator(1)), normalised(picture, task)
    )
    photograph = gradient(50, 40)
    expected = normalised(middle(photograph, 32), task)
    np.testing.assert_array_equal(validation_view(task)(photograph, generator(1)), expected)
