import hashlib
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from painted import coloured

from zc_bench.errors import ZcBenchError
from zc_bench.images import Batch, Images, draw_batch
from zc_bench.images.dataset import noise, pool
from zc_bench.images.jigsaw import middle, orders_of_tiles
from zc_bench.tasks import Task, task_registry

# Small, to be fast; the tiles of a jigsaw have a size of their own.
SMALL = {
    name: task
    if task.target == "permutation"
    else replace(task, image_size=min(task.image_size, 64))
    for name, task in task_registry.items()
    if not task.vocabulary
}
IN_CLASSES = ("class", "distribution", "permutation")


@pytest.fixture
def images(pixels: np.ndarray, labels: np.ndarray, cifar10: Task) -> Images:
    return pool(pixels, labels, cifar10, "a test")


def pool_for(task: Task, n: int = 6) -> Images:
    """A pool of coloured images of the right size, with drawn labels."""
    return pool(coloured(n, task.image_size), None, task, "a test")


def denormalise(images: torch.Tensor, task: Task) -> np.ndarray:
    """Return the pixels that a network receives, uint8 (N, H, W, 3)."""
    std, mean = (torch.tensor(values)[:, None, None] for values in (task.std, task.mean))
    return ((images * std + mean) * 255).round().to(torch.uint8).movedim(-3, -1).numpy()


def bits(batch: Batch) -> bytes:
    return batch.images.numpy().tobytes() + batch.labels.numpy().tobytes()


def shapes(task: Task, n: int) -> tuple[tuple[int, ...], tuple[int, ...], torch.dtype]:
    """The shape of the images, the shape of drawn labels, and the type of these."""
    size, k = task.image_size, task.outputs
    images = (n, 9, 3, 64, 64) if task.target == "permutation" else (n, 3, size, size)
    match task.target:
        case "values":
            return images, (n, k), torch.float32
        case "class map":
            return images, (n, size, size), torch.int64
        case "normals" | "input":
            return images, (n, 3, size, size), torch.float32
        case _:
            return images, (n,), torch.int64


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("where", ["images", "noise"])
def test_every_task_has_batches_that_its_loss_takes(name: str, where: str) -> None:
    task = SMALL[name]
    source = noise(task) if where == "noise" else pool_for(task, 3)
    batch = draw_batch(source, task, 4, seed=0)
    assert (batch.images.shape, batch.labels.shape, batch.labels.dtype) == shapes(task, 4)
    assert batch.images.dtype == torch.float32
    assert batch.images.is_contiguous()
    assert batch.images.isfinite().all()
    if task.target in IN_CLASSES:
        outputs = torch.zeros(4, task.outputs)
        assert 0 <= int(batch.labels.min()) <= int(batch.labels.max()) < task.outputs
    elif task.target == "values":
        outputs = torch.zeros(4, task.outputs)
    else:
        outputs = torch.zeros(4, task.outputs, task.image_size, task.image_size)
    assert float(task.loss(outputs, batch.labels)) > 0


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("where", ["images", "noise"])
def test_a_batch_depends_on_seed_purpose_and_task_alone(name: str, where: str) -> None:
    task = SMALL[name]
    source = noise(task) if where == "noise" else pool_for(task)
    first = draw_batch(source, task, 4, seed=3)
    np.random.default_rng().random()
    torch.rand(1)
    assert bits(draw_batch(source, task, 4, seed=3)) == bits(first)
    for other in (
        draw_batch(source, task, 4, seed=4),
        draw_batch(source, task, 4, seed=3, purpose="second batch"),
    ):
        assert not torch.equal(other.images, first.images)
        assert not torch.equal(other.labels, first.labels)


GOLDEN = {
    "cifar10": ("f6474e1b79f4f7f6", "6ea39f1e77da7d73", "c3dfadc33e3a169c"),
    "cifar100": ("453772425a84013e", "74c9cd18de282353", "f7f49578a17d6ea0"),
    "imagenet16-120": ("80473c4705620be8", "a7d2676074c33017", "728208f5f54b642a"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_draws_are_those_of_other_machines_and_versions(
    name: str, pixels: np.ndarray, labels: np.ndarray
) -> None:
    task = task_registry[name]
    images = pool(pixels[:, : task.image_size, : task.image_size], labels, task, "a test")
    batches = (
        draw_batch(images, task, 16, seed=0),
        draw_batch(images, task, 16, seed=5, purpose="second batch"),
        draw_batch(images, task, 16, seed=0, augment=False),
    )
    for batch, golden in zip(batches, GOLDEN[name], strict=True):
        drawn = denormalise(batch.images, task).transpose(0, 3, 1, 2).tobytes() + bytes(
            batch.labels.tolist()
        )
        assert hashlib.sha256(drawn).hexdigest()[:16] == golden


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


def test_every_image_is_a_normalised_crop_of_the_image_of_its_label(
    images: Images, pixels: np.ndarray, labels: np.ndarray, cifar10: Task
) -> None:
    batch = draw_batch(images, cifar10, 30, seed=1)
    assert (batch.images.dtype, batch.images.shape) == (torch.float32, (30, 3, 32, 32))
    assert (batch.labels.dtype, batch.labels.shape) == (torch.int64, (30,))
    assert batch.images.is_contiguous()
    seen: dict[int, list[bool]] = {}
    crops = set()
    for image, label in zip(batch.images.numpy(), batch.labels.tolist(), strict=True):
        place = labels.tolist().index(label)
        top, left, flipped = windows(pixels[place], cifar10)[image.tobytes()]
        seen.setdefault(place, []).append(flipped)
        crops.add((top, left))
    # 30 draws from 7 images: four or five of each, flipped the other way each time.
    assert {len(flips) for flips in seen.values()} == {4, 5}
    assert all(before != after for flips in seen.values() for before, after in pairwise(flips))
    assert {flips[0] for flips in seen.values()} == {False, True}
    assert len(crops) > 15


def test_one_pixel_against_a_plain_loop(
    images: Images, pixels: np.ndarray, labels: np.ndarray, cifar10: Task
) -> None:
    batch = draw_batch(images, cifar10, 1, seed=0)
    place = labels.tolist().index(int(batch.labels[0]))
    top, left, flipped = windows(pixels[place], cifar10)[batch.images[0].numpy().tobytes()]
    for channel in range(3):
        for row in range(32):
            for column in range(32):
                y, x = top + row - 4, left + (31 - column if flipped else column) - 4
                inside = 0 <= y < 32 and 0 <= x < 32
                value = float(pixels[place, y, x, channel]) / 255 if inside else 0.0
                expected = (value - cifar10.mean[channel]) / cifar10.std[channel]
                assert float(batch.images[0, channel, row, column]) == pytest.approx(
                    expected, abs=1e-5
                )


@pytest.mark.parametrize("name", SMALL)
def test_a_small_pool_still_gives_distinct_images(name: str) -> None:
    task = SMALL[name]
    batch = draw_batch(pool_for(task, 6), task, 20, seed=0)
    assert len({image.numpy().tobytes() for image in batch.images}) == 20


@pytest.mark.parametrize("size", [1, 3, 7])
def test_a_batch_from_a_large_pool_repeats_nothing(
    images: Images, cifar10: Task, size: int
) -> None:
    for seed in range(5):
        assert len(set(draw_batch(images, cifar10, size, seed).labels.tolist())) == size


def test_every_image_comes_equally_often(images: Images, labels: np.ndarray, cifar10: Task) -> None:
    drawn = [int(draw_batch(images, cifar10, 1, seed).labels[0]) for seed in range(700)]
    counts = [drawn.count(label) for label in labels]
    assert min(counts) > 60
    assert max(counts) < 140


def test_the_batch_does_not_share_memory_with_the_pool(
    images: Images, labels: np.ndarray, cifar10: Task
) -> None:
    before = labels.copy()
    batch = draw_batch(images, cifar10, 7, seed=0)
    batch.labels.zero_()
    batch.images.zero_()
    np.testing.assert_array_equal(labels, before)


def test_noise_is_standard_normal_with_uniform_labels() -> None:
    task = task_registry["imagenet16-120"]
    batch = draw_batch(noise(task), task, 1000, seed=0)
    assert batch.images.shape == (1000, 3, 16, 16)
    assert batch.images.dtype == torch.float32
    assert float(batch.images.mean()) == pytest.approx(0, abs=0.01)
    assert float(batch.images.std()) == pytest.approx(1, abs=0.01)
    assert float((batch.images.abs() > 1.96).float().mean()) == pytest.approx(0.05, abs=0.002)
    assert batch.images.isfinite().all()
    assert set(batch.labels.tolist()) == set(range(120))


@pytest.mark.parametrize("name", SMALL)
def test_without_augmentation_images_stay_as_they_are(name: str) -> None:
    task = SMALL[name]
    images = coloured(3, task.image_size)
    batch = draw_batch(pool(images, None, task, "a test"), task, 3, seed=0, augment=False)
    drawn = denormalise(batch.images, task)
    if task.target == "permutation":
        orders = orders_of_tiles(1000)[batch.labels]
        assert len({order.tobytes() for order in orders}) == 3
        drawn = drawn[np.arange(3)[:, None], np.argsort(orders, axis=1)]
        starts = [(10 + 85 * row, 10 + 85 * column) for row in range(3) for column in range(3)]
        images = np.stack(
            [images[:, top : top + 64, left : left + 64] for top, left in starts], axis=1
        )
    assert {image.tobytes() for image in drawn} == {image.tobytes() for image in images}


def halves(task: Task, n: int) -> np.ndarray:
    """Images whose right half is brighter than the left one, whatever is done to their colours."""
    images = np.full((n, task.image_size, task.image_size, 3), 60, np.uint8)
    images[:, :, task.image_size // 2 :] = 180
    images[:, 0, 0, 0] = np.arange(n)
    return images


def mirrored(images: torch.Tensor) -> list[bool]:
    left, right = images.flatten(1, 2).unflatten(-1, (2, -1)).mean((1, 3)).unbind(1)
    return (left > right).tolist()


@pytest.mark.parametrize(
    "name",
    [name for name, task in SMALL.items() if task.dataset == "Taskonomy" and name != "jigsaw"],
)
def test_who_is_flipped_and_whose_colours_change(name: str) -> None:
    task = SMALL[name]
    batch = draw_batch(pool(halves(task, 40), None, task, "a test"), task, 60, seed=0)
    flips = mirrored(batch.images)
    if task.target in ("values", "normals"):
        assert not any(flips)
    else:
        # Of 60 images half, give or take two standard deviations.
        assert 22 <= sum(flips) <= 38
    sides = denormalise(batch.images, task)[:, 30][:, [10, 50]].reshape(60, -1)
    as_they_were = [{60, 180} == set(side.tolist()) for side in sides]
    # Normals change only the images that come again.
    assert (
        as_they_were == ([True] * 40 if task.target == "normals" else [False] * 40) + [False] * 20
    )


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_class_maps_are_flipped_with_their_images(seed: int) -> None:
    task = SMALL["segmentsemantic"]
    images = halves(task, 4)
    classes = images[:, :, :, 1] // 20  # 3 on the left, 9 on the right
    batch = draw_batch(pool(images, classes, task, "a test"), task, 6, seed)
    for label, flipped in zip(batch.labels, mirrored(batch.images), strict=True):
        sides = (9, 3) if flipped else (3, 9)
        np.testing.assert_array_equal(label, np.broadcast_to(np.repeat(sides, 32), (64, 64)))


def test_an_autoencoder_is_asked_for_its_own_input() -> None:
    task = SMALL["autoencoder"]
    for source in (pool_for(task), noise(task)):
        batch = draw_batch(source, task, 3, seed=0)
        assert torch.equal(batch.images, batch.labels)
        assert batch.images.data_ptr() != batch.labels.data_ptr()


def test_distributions_sum_to_one_and_belong_to_their_images() -> None:
    task = SMALL["class_scene"]
    weights = np.eye(4, 63) + 0.1
    images = np.stack([np.full((64, 64, 3), 50 * place + 20, np.uint8) for place in range(4)])
    batch = draw_batch(pool(images, weights, task, "a test"), task, 4, seed=0, augment=False)
    assert (batch.labels.dtype, batch.labels.shape) == (torch.float32, (4, 63))
    np.testing.assert_allclose(batch.labels.sum(1), 1, atol=1e-6)
    assert denormalise(batch.images, task)[:, 0, 0, 0].tolist() == [
        50 * place + 20 for place in batch.labels.argmax(1)
    ]


def test_tiles_of_a_jigsaw_lie_in_their_ninths(monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_registry["jigsaw"]
    monkeypatch.setattr("zc_bench.images.batch.jitter", lambda _generator, pixels, _chosen: pixels)
    monkeypatch.setattr("zc_bench.images.batch.grey", lambda pixels, _chosen: pixels)
    images = coloured(2, 255)
    batch = draw_batch(pool(images, None, task, "a test"), task, 4, seed=0)
    enlarged = middle(np.concatenate([images, images[:, :, ::-1]]))
    corners = set()
    for cut, order in zip(
        denormalise(batch.images, task), orders_of_tiles(1000)[batch.labels], strict=True
    ):
        # All nine are from one image, flipped or not.
        found = [
            [places(whole, tile, piece) for tile, piece in zip(cut, order, strict=True)]
            for whole in enlarged
        ]
        (complete,) = (of_tiles for of_tiles in found if all(of_tiles))
        corners.update(corner for of_tile in complete for corner in of_tile)
    assert len(corners) > 20


def places(image: np.ndarray, tile: np.ndarray, piece: int) -> list[tuple[int, int]]:
    """Find a tile in a ninth of an image, wherever it may begin."""
    top, left = (85 * part for part in divmod(int(piece), 3))
    starts = np.argwhere((image[top : top + 22, left : left + 22] == tile[0, 0]).all(-1))
    return [
        (int(y), int(x))
        for y, x in starts
        if np.array_equal(image[top + y : top + y + 64, left + x : left + x + 64], tile)
    ]


def test_three_jigsaws_in_ten_are_grey() -> None:
    task = task_registry["jigsaw"]
    batch = draw_batch(pool_for(task, 30), task, 60, seed=0)
    grey = [bool((image == image[:, :1]).all()) for image in batch.images]
    # 18 on average; the standard deviation is 3.5.
    assert 11 <= sum(grey) <= 25


def test_orders_of_jigsaws_are_uniform() -> None:
    task = task_registry["jigsaw"]
    batch = draw_batch(
        pool(np.zeros((1, 255, 255, 3), np.uint8), None, task, "a test"),
        task,
        100,
        0,
        augment=False,
    )
    # Uniform over 1000: the mean is 500, give or take 29.
    assert len(set(batch.labels.tolist())) > 85
    assert 415 < float(batch.labels.double().mean()) < 585


@pytest.mark.parametrize("size", [0, -3])
def test_a_batch_of_nothing_is_one_sentence(images: Images, cifar10: Task, size: int) -> None:
    with pytest.raises(
        ZcBenchError, match=f"^A batch of {size} images cannot be drawn: ask for 1 or more"
    ):
        draw_batch(images, cifar10, size, seed=0)


def test_images_of_another_task_are_one_sentence(images: Images) -> None:
    with pytest.raises(ZcBenchError, match=r"^The images are \(32, 32, 3\), expected 16x16 RGB"):
        draw_batch(images, task_registry["imagenet16-120"], 2, seed=0)
