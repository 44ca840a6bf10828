import pickle

import numpy as np
import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.images.dataset import noise, pool
from zc_bench.images.resize import resize
from zc_bench.tasks import Task, task_registry


def test_a_pool_holds_what_it_was_given(
    pixels: np.ndarray, labels: np.ndarray, cifar10: Task
) -> None:
    images = pool(pixels, labels.astype(np.uint8), cifar10, "a test")
    np.testing.assert_array_equal(images.pixels, pixels)
    np.testing.assert_array_equal(images.labels, labels)
    assert (images.pixels.dtype, images.labels.dtype) == (np.uint8, np.int64)
    assert images.source == "a test: 7 images, labels 0 to 9 of 10 classes"


def test_the_digest_follows_pixels_and_labels_alone(
    pixels: np.ndarray, labels: np.ndarray, cifar10: Task
) -> None:
    digest = pool(pixels, labels, cifar10, "a test").digest
    assert len(bytes.fromhex(digest)) == 8
    assert (
        pool(np.asfortranarray(pixels), labels.astype(np.uint8), cifar10, "elsewhere").digest
        == digest
    )
    assert pool(pixels[::-1], labels, cifar10, "a test").digest != digest
    assert pool(pixels, labels[::-1], cifar10, "a test").digest != digest


def test_images_of_another_size_are_resized(pixels: np.ndarray, labels: np.ndarray) -> None:
    images = pool(pixels, labels, task_registry["imagenet16-120"], "a test")
    assert images.pixels.shape == (7, 16, 16, 3)
    assert images.source.endswith("resized from 32x32 to 16x16")
    means = pixels.reshape(7, 16, 2, 16, 2, 3).mean((2, 4))
    # Rounded twice: along the rows, then along the columns.
    assert np.abs(images.pixels - means).max() <= 1


def test_small_images_are_enlarged_when_they_are_drawn(pixels: np.ndarray) -> None:
    task = task_registry["class_scene"]
    images = pool(np.repeat(pixels[:1], 9, axis=0), np.arange(9), task, "a test")
    assert not isinstance(images.pixels, np.ndarray)
    drawn = images.pixels[np.array([3, 8])]
    np.testing.assert_array_equal(drawn, np.stack([resize(pixels[0], task)] * 2))
    assert (
        images.source
        == "a test: 9 images, labels 0 to 8 of 63 classes, resized from 32x32 to 256x256"
    )


def test_a_pool_can_be_sent_to_another_process(pixels: np.ndarray) -> None:
    for task in (task_registry["normal"], task_registry["segmentsemantic"]):
        images = pool(pixels, None, task, "a test")
        copy = pickle.loads(pickle.dumps(images))
        assert images.labels is not None
        np.testing.assert_array_equal(copy.pixels[np.array([2])], images.pixels[np.array([2])])
        np.testing.assert_array_equal(copy.labels[np.array([2])], images.labels[np.array([2])])


def test_the_digest_follows_labels_of_every_form(pixels: np.ndarray) -> None:
    values = np.linspace(0, 1, 63).reshape(7, 9)
    room = task_registry["room_layout"]
    digests = {pool(pixels, labels, room, "a test").digest for labels in (None, values, values + 1)}
    assert len(digests) == 3
    # Labels that are not used count for nothing.
    assert (
        pool(pixels, np.arange(7), room, "a test").digest
        == pool(pixels, None, room, "a test").digest
    )


def test_noise_is_an_empty_pool(cifar10: Task) -> None:
    assert len(noise(cifar10).pixels) == 0
    assert noise(cifar10).source == "standard normal noise, uniform labels"
    assert noise(task_registry["normal"]).source == "standard normal noise, labels made with it"


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((7, 32, 32, 3)),
        np.zeros((7, 32, 32), np.uint8),
        np.zeros((7, 3, 32, 32), np.uint8),
        np.zeros((0, 32, 32, 3), np.uint8),
        np.zeros((7, 0, 32, 3), np.uint8),
    ],
)
def test_other_pixels_are_one_sentence(
    wrong: np.ndarray, labels: np.ndarray, cifar10: Task
) -> None:
    with pytest.raises(
        ZcBenchError, match=r"^a test: the images are \w+ \(.*\), expected uint8 \(n, H, W, 3\)"
    ):
        pool(wrong, labels[: len(wrong)], cifar10, "a test")


@pytest.mark.parametrize(
    "wrong", [np.zeros(7), np.zeros(6, int), np.zeros((7, 1), int), np.array([None] * 7)]
)
def test_other_labels_are_one_sentence(
    wrong: np.ndarray, pixels: np.ndarray, cifar10: Task
) -> None:
    with pytest.raises(
        ZcBenchError,
        match=r"^a test: the labels are \w+ \(.*\), expected one whole number per image",
    ):
        pool(pixels, wrong, cifar10, "a test")


@pytest.mark.parametrize("wrong", [-1, 10, 2**40])
def test_a_label_out_of_range_is_one_sentence(
    wrong: int, pixels: np.ndarray, labels: np.ndarray, cifar10: Task
) -> None:
    labels[3] = wrong
    with pytest.raises(
        ZcBenchError, match=rf"^a test: the label {wrong} is no class of cifar10, expected 0 to 9"
    ):
        pool(pixels, labels, cifar10, "a test")
