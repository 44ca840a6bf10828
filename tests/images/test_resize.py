from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from painted import coloured
from PIL import Image

from zc_bench.images.resize import resize, resize_classes
from zc_bench.tasks import Task, task_registry


def test_growing_interpolates(cifar10: Task) -> None:
    image = np.zeros((2, 2, 3), np.uint8)
    image[:, 1] = 200
    grown = resize(image, replace(cifar10, image_size=4))
    np.testing.assert_array_equal(grown[0, :, 0], [0, 50, 150, 200])


def test_shrinking_averages_over_boxes(cifar10: Task) -> None:
    image = coloured(1, 64)[0]
    boxes = image.reshape(32, 2, 32, 2, 3).mean((1, 3))
    # Rounded twice: along the rows, then along the columns.
    assert np.abs(resize(image, cifar10) - boxes).max() <= 1


def test_taskonomy_shrinks_by_interpolation() -> None:
    image = coloured(1, 512)[0]
    expected = Image.fromarray(image).resize((256, 256), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(resize(image, task_registry["normal"]), np.asarray(expected))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_each_pixel_takes_the_class_of_the_nearest(height: int, width: int, size: int) -> None:
    classes = (np.arange(height * width) * 7 % 251).astype(np.uint8).reshape(height, width)
    resized = resize_classes(classes, replace(task_registry["segmentsemantic"], image_size=size))
    assert resized.shape == (size, size)
    for row in range(size):
        for column in range(size):
            y, x = (2 * row + 1) * height // (2 * size), (2 * column + 1) * width // (2 * size)
            assert resized[row, column] == classes[y, x]
