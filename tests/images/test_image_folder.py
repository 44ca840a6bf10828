import os
from pathlib import Path

import numpy as np
import pytest
from painted import coloured, save

from zc_bench.errors import ZcBenchError
from zc_bench.images import draw_batch
from zc_bench.images.image_folder import read
from zc_bench.images.labels import drawn_labels
from zc_bench.tasks import Task, task_registry


@pytest.fixture
def images() -> np.ndarray:
    return coloured(4, 32)


@pytest.fixture
def by_class(tmp_path: Path, images: np.ndarray) -> Path:
    for name, image in zip(
        ("dog/b.png", "cat/2.PNG", "cat/10.png", "emu/x.png"), images, strict=True
    ):
        save(tmp_path / name, image)
    (tmp_path / "ant").mkdir()
    (tmp_path / "dog" / "notes.txt").write_text("no image")
    return tmp_path


def test_subfolders_are_classes_in_the_order_of_their_names(
    by_class: Path, images: np.ndarray, cifar10: Task
) -> None:
    pool = read(by_class, cifar10)
    assert pool is not None
    assert pool.labels is not None
    every = np.arange(4)
    assert pool.labels[every].tolist() == [0, 0, 1, 2]
    np.testing.assert_array_equal(pool.pixels[every], images[[2, 1, 0, 3]])
    assert (
        pool.source == f"{by_class}: 4 image files, labels 0 to 2 of 10 classes, resized to 32x32"
    )
    assert draw_batch(pool, cifar10, 3, seed=0).images.shape == (3, 3, 32, 32)


def test_images_without_classes_have_drawn_labels(
    tmp_path: Path, images: np.ndarray, cifar10: Task
) -> None:
    for place, image in enumerate(images):
        save(tmp_path / f"{place}.png", image)
    pool = read(tmp_path, cifar10)
    assert pool is not None
    assert pool.labels is not None
    every = np.arange(4)
    np.testing.assert_array_equal(pool.pixels[every], images)
    np.testing.assert_array_equal(pool.labels[every], drawn_labels(4, cifar10)[every])
    assert "labels drawn at random" in pool.source


def test_a_task_that_does_not_ask_for_classes_says_so(by_class: Path) -> None:
    pool = read(by_class, task_registry["room_layout"])
    assert pool is not None
    assert "labels drawn at random, those given are ignored, resized to 256x256" in pool.source


def test_the_digest_follows_the_files(by_class: Path, images: np.ndarray, cifar10: Task) -> None:
    before = read(by_class, cifar10)
    (by_class / "cat" / "10.png").rename(by_class / "emu" / "10.png")
    after = read(by_class, cifar10)
    assert before is not None
    assert after is not None
    assert before.digest != after.digest


def test_a_folder_without_images_is_none(tmp_path: Path, cifar10: Task) -> None:
    assert read(tmp_path, cifar10) is None
    assert read(tmp_path / "absent", cifar10) is None


def test_too_many_classes_are_one_sentence(
    tmp_path: Path, images: np.ndarray, cifar10: Task
) -> None:
    for place in range(11):
        save(tmp_path / f"class{place:02}" / "a.png", images[0])
    with pytest.raises(ZcBenchError, match="the label 10 is no class of cifar10, expected 0 to 9"):
        read(tmp_path, cifar10)


def test_what_is_no_file_is_no_image(by_class: Path, cifar10: Task) -> None:
    os.mkfifo(by_class / "dog" / "pipe.png")
    (by_class / "dog" / "loop.png").symlink_to("loop.png")
    (by_class / "dog" / "gone.png").symlink_to("nowhere.png")
    (by_class / "dog" / "folder.png").mkdir()
    (by_class / "loop").symlink_to("loop")
    (by_class / "whole").symlink_to(by_class)
    pool = read(by_class, cifar10)
    assert pool is not None
    assert len(pool.pixels) == 4


def test_other_pixels_of_the_same_size_are_other_images(by_class: Path, cifar10: Task) -> None:
    path = by_class / "emu" / "x.png"
    before = read(by_class, cifar10)
    data = path.read_bytes()
    path.write_bytes(data[:-20] + b"\0" + data[-19:])
    after = read(by_class, cifar10)
    assert before is not None
    assert after is not None
    assert before.digest != after.digest
