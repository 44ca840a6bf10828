import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zc_bench.errors import ZcBenchError
from zc_bench.tasks import Task, task_registry
from zc_bench.train import find_data


def test_a_file_has_images_for_both(images: Path, task: Task) -> None:
    data = find_data(task, str(images))
    assert (len(data.places), len(data.validation_places)) == (64, 16)
    np.testing.assert_array_equal(data.training.labels, np.tile(np.arange(10), 7)[:64])
    np.testing.assert_array_equal(data.validation.labels, np.tile(np.arange(10), 8)[64:])
    with np.load(images) as arrays:
        np.testing.assert_array_equal(data.validation.picture(3), arrays["test_images"][3])


def test_without_images_for_testing_every_tenth_is_held_out(tmp_path: Path, task: Task) -> None:
    np.savez(
        tmp_path / "cifar10.npz",
        images=np.ones((25, 32, 32, 3), np.uint8),
        labels=np.arange(25) % 10,
    )
    data = find_data(task, str(tmp_path))
    assert data.validation_places.tolist() == [9, 19]
    assert sorted([*data.places, *data.validation_places]) == list(range(25))


def test_the_official_files_are_used_whole(tmp_path: Path, task: Task) -> None:
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for place, name in enumerate([*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]):
        content = {
            "data": generator.integers(0, 256, (2, 3072), np.uint8),
            "labels": [place, place],
        }
        (folder / name).write_bytes(pickle.dumps(content, protocol=2))
    data = find_data(task, str(tmp_path))
    assert data.training.labels.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert data.validation.labels.tolist() == [5, 5]
    assert (len(data.places), len(data.validation_places)) == (10, 2)


@pytest.mark.parametrize("inside", ["", "imagenet"])
def test_photographs_are_read_as_they_are(tmp_path: Path, inside: str) -> None:
    for split, count in (("train", 2), ("val", 1)):
        for label, name in enumerate(("n01", "n02")):
            folder = tmp_path / inside / split / name
            folder.mkdir(parents=True)
            for number in range(count):
                Image.new("RGB", (40, 30), (100 * label, 0, 0)).save(folder / f"{number}.png")
    data = find_data(task_registry["imagenet"], str(tmp_path))
    assert data.training.labels.tolist() == [0, 0, 1, 1]
    assert data.validation.labels.tolist() == [0, 1]
    assert data.training.picture(2).shape == (30, 40, 3)
    assert data.training.picture(2)[0, 0].tolist() == [100, 0, 0]


def test_a_limit_draws_some_by_seed(images: Path, task: Task) -> None:
    data = find_data(task, str(images))
    some, same, others = (data.limited(10, seed) for seed in (0, 0, 1))
    assert some.places.tolist() == same.places.tolist() != others.places.tolist()
    assert len(set(some.places.tolist())) == len(some.validation_places) == 10
    assert data.limited(None, 0) is data
    assert len(data.limited(1000, 0).places) == 64


def test_where_there_is_nothing_the_forms_are_named(tmp_path: Path, task: Task) -> None:
    with pytest.raises(
        ZcBenchError, match=r"no images to train with at .*cifar10\.npz, or image files in train/"
    ):
        find_data(task, str(tmp_path))


def test_photographs_without_classes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    Image.new("RGB", (40, 30)).save(tmp_path / "train" / "a.png")
    with pytest.raises(ZcBenchError, match="there are no classes to learn"):
        find_data(task_registry["imagenet"], str(tmp_path))
