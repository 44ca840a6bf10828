import hashlib
from itertools import pairwise

import numpy as np
import pytest
import torch

from zc_bench.errors import ZcBenchError
from zc_bench.inputs import Images, draw_batch
from zc_bench.inputs.batch import _uniform
from zc_bench.inputs.pool import noise, pool
from zc_bench.seeding import numpy_generator
from zc_bench.tasks import Task, tasks


@pytest.fixture
def images(pixels: np.ndarray, labels: np.ndarray, cifar10: Task) -> Images:
    return pool(pixels, labels, cifar10, "a test")


def windows(image: np.ndarray, task: Task) -> dict[bytes, tuple[int, int, bool]]:
    """Every batch image that the augmentation can make of a pool image, pixel by pixel, as the slow and plain twin."""
    size, margin = task.image_size, task.image_size // 8
    padded = np.zeros((size + 2 * margin, size + 2 * margin, 3), np.uint8)
    padded[margin : margin + size, margin : margin + size] = image
    mean, std = np.float32(task.mean), np.float32(task.std)
    normal = (padded.astype(np.float32) / np.float32(255) - mean) / std
    found = {}
    for top in range(2 * margin + 1):
        for left in range(2 * margin + 1):
            window = normal[top : top + size, left : left + size].transpose(2, 0, 1)
            for flipped in (False, True):
                found[(window[:, :, ::-1] if flipped else window).tobytes()] = (top, left, flipped)
    return found


def test_every_image_is_a_normalised_crop_of_the_image_of_its_label(images: Images, cifar10: Task) -> None:
    batch = draw_batch(images, cifar10, 30, seed=1)
    assert (batch.images.dtype, batch.images.shape) == (torch.float32, (30, 3, 32, 32))
    assert (batch.labels.dtype, batch.labels.shape) == (torch.int64, (30,))
    assert batch.images.is_contiguous()
    seen: dict[int, list[bool]] = {}
    crops = set()
    for image, label in zip(batch.images.numpy(), batch.labels.tolist(), strict=True):
        place = images.labels.tolist().index(label)
        top, left, flipped = windows(images.pixels[place], cifar10)[image.tobytes()]
        seen.setdefault(place, []).append(flipped)
        crops.add((top, left))
    # 30 draws from 7 images: four or five of each, flipped the other way each time.
    assert {len(flips) for flips in seen.values()} == {4, 5}
    assert all(before != after for flips in seen.values() for before, after in pairwise(flips))
    assert {flips[0] for flips in seen.values()} == {False, True}
    assert len(crops) > 15


def test_one_pixel_against_a_plain_loop(images: Images, cifar10: Task) -> None:
    batch = draw_batch(images, cifar10, 1, seed=0)
    place = images.labels.tolist().index(int(batch.labels[0]))
    top, left, flipped = windows(images.pixels[place], cifar10)[batch.images[0].numpy().tobytes()]
    for channel in range(3):
        for row in range(32):
            for column in range(32):
                y, x = top + row - 4, left + (31 - column if flipped else column) - 4
                inside = 0 <= y < 32 and 0 <= x < 32
                value = float(images.pixels[place, y, x, channel]) / 255 if inside else 0.0
                expected = (value - cifar10.mean[channel]) / cifar10.std[channel]
                assert float(batch.images[0, channel, row, column]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", tasks)
def test_a_small_pool_still_gives_distinct_images(name: str) -> None:
    task = tasks[name]
    pixels = numpy_generator(0, "pixels").integers(1, 256, (20, task.image_size, task.image_size, 3), np.uint8)
    images = pool(pixels, np.arange(20) % 10, task, "a test")
    for seed in range(10):
        batch = draw_batch(images, task, 40, seed)
        assert len({image.numpy().tobytes() for image in batch.images}) == 40


@pytest.mark.parametrize("size", [1, 3, 7])
def test_a_batch_from_a_large_pool_repeats_nothing(images: Images, cifar10: Task, size: int) -> None:
    for seed in range(5):
        assert len(set(draw_batch(images, cifar10, size, seed).labels.tolist())) == size


def test_every_image_comes_equally_often(images: Images, cifar10: Task) -> None:
    drawn = [int(draw_batch(images, cifar10, 1, seed).labels[0]) for seed in range(700)]
    counts = [drawn.count(label) for label in images.labels]
    assert min(counts) > 60
    assert max(counts) < 140


@pytest.mark.parametrize("where", ["images", "noise"])
def test_a_batch_depends_on_seed_purpose_and_task_alone(images: Images, cifar10: Task, where: str) -> None:
    source = noise(cifar10) if where == "noise" else images
    first = draw_batch(source, cifar10, 5, seed=3)
    np.random.default_rng().random()
    torch.rand(1)
    assert torch.equal(first.images, draw_batch(source, cifar10, 5, seed=3).images)
    assert torch.equal(first.labels, draw_batch(source, cifar10, 5, seed=3).labels)
    assert not torch.equal(first.images, draw_batch(source, cifar10, 5, seed=4).images)
    assert not torch.equal(first.images, draw_batch(source, cifar10, 5, seed=3, purpose="second batch").images)


def test_the_draws_are_those_of_other_machines_and_versions(images: Images, cifar10: Task) -> None:
    batch = draw_batch(images, cifar10, 10, seed=0)
    std, mean = (torch.tensor(values)[:, None, None] for values in (cifar10.std, cifar10.mean))
    pixels = ((batch.images * std + mean) * 255).round().to(torch.uint8)
    assert batch.labels.tolist() == [3, 5, 9, 7, 4, 6, 0, 9, 7, 6]
    assert hashlib.sha256(pixels.numpy().tobytes()).hexdigest()[:16] == "312980fa486b8c14"


def test_the_batch_does_not_share_memory_with_the_pool(images: Images, cifar10: Task) -> None:
    before = images.labels.copy()
    batch = draw_batch(images, cifar10, 7, seed=0)
    batch.labels.zero_()
    batch.images.zero_()
    np.testing.assert_array_equal(images.labels, before)


def test_uniform_numbers_are_those_of_the_generator() -> None:
    generator, twin = numpy_generator(0, "a"), numpy_generator(0, "a")
    np.testing.assert_array_equal(_uniform(generator, 50, 2), twin.random((50, 2)))


def test_noise_is_standard_normal_with_uniform_labels() -> None:
    task = tasks["imagenet16-120"]
    batch = draw_batch(noise(task), task, 1000, seed=0)
    assert batch.images.shape == (1000, 3, 16, 16)
    assert batch.images.dtype == torch.float32
    assert float(batch.images.mean()) == pytest.approx(0, abs=0.01)
    assert float(batch.images.std()) == pytest.approx(1, abs=0.01)
    assert float((batch.images.abs() > 1.96).float().mean()) == pytest.approx(0.05, abs=0.002)
    assert batch.images.isfinite().all()
    assert set(batch.labels.tolist()) == set(range(120))


@pytest.mark.parametrize("size", [0, -3])
def test_a_batch_of_nothing_is_one_sentence(images: Images, cifar10: Task, size: int) -> None:
    with pytest.raises(ZcBenchError, match=f"^A batch of {size} images cannot be drawn: ask for 1 or more"):
        draw_batch(images, cifar10, size, seed=0)


def test_images_of_another_task_are_one_sentence(images: Images) -> None:
    with pytest.raises(ZcBenchError, match=r"^The images are \(32, 32, 3\), expected 16x16 RGB"):
        draw_batch(images, tasks["imagenet16-120"], 2, seed=0)
