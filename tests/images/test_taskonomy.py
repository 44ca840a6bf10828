from pathlib import Path

import numpy as np
import pytest
import torch
from painted import coloured, save
from PIL import Image

from zc_bench.errors import ZcBenchError
from zc_bench.images import draw_batch
from zc_bench.images.labels import drawn_labels
from zc_bench.images.resize import resize
from zc_bench.images.taskonomy import read
from zc_bench.tasks import task_registry

EVERY = np.arange(3)
VIEWS = [("allen", "point_0_view_0"), ("allen", "point_0_view_1"), ("beech", "point_7_view_3")]
OF_TASKONOMY = [name for name, task in task_registry.items() if task.dataset == "Taskonomy"]


def label_path(folder: Path, place: int, domain: str, suffix: str) -> Path:
    building, view = VIEWS[place]
    path = folder / building / domain / f"{view}_domain_{domain}.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def save_numbers(folder: Path, domain: str, rows: np.ndarray) -> None:
    for place, row in enumerate(rows):
        np.save(label_path(folder, place, domain, "npy"), row)


@pytest.fixture
def images() -> np.ndarray:
    return coloured(3, 64)


@pytest.fixture
def folder(tmp_path: Path, images: np.ndarray) -> Path:
    for place, image in enumerate(images):
        save(label_path(tmp_path, place, "rgb", "png"), image)
    return tmp_path


@pytest.mark.parametrize("name", OF_TASKONOMY)
def test_images_alone_are_a_pool_for_every_task(
    folder: Path, images: np.ndarray, name: str
) -> None:
    task = task_registry[name]
    pool = read(folder, task)
    assert pool is not None
    np.testing.assert_array_equal(pool.pixels[EVERY], [resize(image, task) for image in images])
    made = name in ("jigsaw", "autoencoder")
    assert ("labels are" if made else "labels drawn at random") in pool.source
    if pool.labels is not None:
        np.testing.assert_array_equal(pool.labels[EVERY], drawn_labels(3, task)[EVERY])
    batch = draw_batch(pool, task, 5, seed=0)
    assert len(batch.images) == len(batch.labels) == 5


def test_other_tasks_and_other_folders_are_none(folder: Path, tmp_path: Path) -> None:
    assert read(folder, task_registry["cifar10"]) is None
    assert read(folder / "allen", task_registry["normal"]) is None


def test_as_many_numbers_as_classes_are_a_distribution(folder: Path) -> None:
    weights = np.arange(3 * 63, dtype=np.float32).reshape(3, 63)
    save_numbers(folder, "class_scene", weights)
    pool = read(folder, task_registry["class_scene"])
    assert pool is not None
    assert pool.labels is not None
    np.testing.assert_allclose(
        pool.labels[EVERY], weights / weights.sum(1, keepdims=True), rtol=1e-6
    )
    assert "3 image files of Taskonomy with labels of class_scene" in pool.source


def test_marked_classes_are_taken_out_of_all(folder: Path) -> None:
    weights = (np.arange(3 * 365) % 91 + 1.0).reshape(3, 365)
    save_numbers(folder, "class_scene", weights)
    marks = np.zeros(365)
    marks[5::5] = 1
    marks[[5, 10, 15, 20, 25, 30, 35, 40, 45]] = 0
    assert marks.sum() == 63
    unmarked = read(folder, task_registry["class_scene"])
    np.save(folder / "class_scene_selected.npy", marks)
    pool = read(folder, task_registry["class_scene"])
    assert unmarked is not None
    assert pool is not None
    assert pool.labels is not None
    assert pool.digest != unmarked.digest
    for row, weight in zip(pool.labels[EVERY], weights, strict=True):
        kept = [value for value, mark in zip(weight, marks, strict=True) if mark]
        np.testing.assert_allclose(row, np.array(kept) / sum(kept), rtol=1e-6)


def test_all_classes_without_marks_are_one_sentence(folder: Path) -> None:
    save_numbers(folder, "class_object", np.ones((3, 1000)))
    pool = read(folder, task_registry["class_object"])
    assert pool is not None
    with pytest.raises(
        ZcBenchError,
        match=r"npy holds float64 \(1000,\), expected 100 numbers: put class_object_selected\.npy",
    ):
        draw_batch(pool, task_registry["class_object"], 2, seed=0)


@pytest.mark.parametrize(
    ("marks", "sentence"), [(np.ones(1000), "marks 1000 classes"), (np.ones((10, 10)), "marks")]
)
def test_other_marks_are_one_sentence(folder: Path, marks: np.ndarray, sentence: str) -> None:
    save_numbers(folder, "class_object", np.ones((3, 1000)))
    np.save(folder / "class_object_selected.npy", marks)
    with pytest.raises(
        ZcBenchError, match=rf"class_object_selected\.npy {sentence}.* expected 100: get it anew"
    ):
        read(folder, task_registry["class_object"])


def test_normals_are_scaled_to_minus_one_to_one(folder: Path, images: np.ndarray) -> None:
    normals = coloured(3, 256, seed=1)
    for place, picture in enumerate(normals):
        save(label_path(folder, place, "normal", "png"), picture)
    pool = read(folder, task_registry["normal"])
    assert pool is not None
    batch = draw_batch(pool, task_registry["normal"], 3, seed=0)
    for image, label in zip(batch.images, batch.labels, strict=True):
        # As many images as the pool has: none is changed.
        place = [torch.equal(image, one) for one in _unchanged(images)].index(True)
        np.testing.assert_allclose(
            label, (normals[place] / 127.5 - 1).transpose(2, 0, 1), atol=1e-6
        )


def _unchanged(images: np.ndarray) -> list[torch.Tensor]:
    resized = [
        torch.from_numpy(resize(image, task_registry["normal"]).transpose(2, 0, 1).copy())
        for image in images
    ]
    return [(image.to(torch.float32) / 255 - 0.5) / 0.5 for image in resized]


def test_unknown_and_the_first_class_of_pixels_are_one(folder: Path) -> None:
    raw = (np.arange(3 * 64 * 64) % 18).astype(np.uint8).reshape(3, 64, 64)
    for place, classes in enumerate(raw):
        Image.fromarray(classes).save(label_path(folder, place, "segmentsemantic", "png"))
    pool = read(folder, task_registry["segmentsemantic"])
    assert pool is not None
    assert pool.labels is not None
    shifted = np.array([0, *range(17)])[raw]
    np.testing.assert_array_equal(pool.labels[EVERY], shifted.repeat(4, 1).repeat(4, 2))
    assert set(
        draw_batch(pool, task_registry["segmentsemantic"], 3, seed=0).labels.unique().tolist()
    ) == set(range(17))


def test_a_class_of_pixels_out_of_range_names_its_file(folder: Path) -> None:
    for place in range(3):
        Image.fromarray(np.full((8, 8), 18, np.uint8)).save(
            label_path(folder, place, "segmentsemantic", "png")
        )
    pool = read(folder, task_registry["segmentsemantic"])
    assert pool is not None
    with pytest.raises(
        ZcBenchError, match=r"_domain_segmentsemantic\.png: the label 17 is no class"
    ):
        draw_batch(pool, task_registry["segmentsemantic"], 1, seed=0)


def test_the_layout_of_a_room_is_nine_numbers(folder: Path) -> None:
    values = np.linspace(-3, 3, 27).reshape(3, 9)
    save_numbers(folder, "room_layout", values)
    pool = read(folder, task_registry["room_layout"])
    assert pool is not None
    assert pool.labels is not None
    np.testing.assert_array_equal(pool.labels[EVERY], values.astype(np.float32))


def test_images_without_a_label_are_left_out(folder: Path, images: np.ndarray) -> None:
    save_numbers(folder, "room_layout", np.ones((3, 9)))
    label_path(folder, 1, "room_layout", "npy").unlink()
    pool = read(folder, task_registry["room_layout"])
    assert pool is not None
    assert len(pool.pixels) == 2
    np.testing.assert_array_equal(
        pool.pixels[np.array([1])][0], resize(images[2], task_registry["room_layout"])
    )
    assert pool.source.endswith("; 1 without are left out")


def array(header: bytes) -> bytes:
    """Spell out an .npy file whose header may be anything."""
    return b"\x93NUMPY\x01\0" + len(header).to_bytes(2, "little") + header


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        b"no array",
        array(b"{'descr': '<f8', 'fortran_order': False, 'shape': (9,"),
        array(b"(" * 5000),
        array(b"-" * 9000 + b"1"),
        array(b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000,)}"),
        array(b"{'descr': '|O', 'fortran_order': False, 'shape': (9,)}") + bytes(72),
        array(b"{'descr': '|S1', 'fortran_order': False, 'shape': (9,)}") + b"123456789",
        array(b"{'descr': '<c16', 'fortran_order': False, 'shape': (9,)}") + bytes(144),
    ],
)
def test_a_damaged_label_names_its_file(folder: Path, content: bytes) -> None:
    for place in range(3):
        label_path(folder, place, "room_layout", "npy").write_bytes(content)
    pool = read(folder, task_registry["room_layout"])
    assert pool is not None
    with pytest.raises(
        ZcBenchError, match=r"view_\d_domain_room_layout\.npy is no whole \.npy file of numbers"
    ):
        draw_batch(pool, task_registry["room_layout"], 1, seed=0)


def test_a_damaged_image_names_its_file(folder: Path) -> None:
    for place in range(3):
        label_path(folder, place, "rgb", "png").write_bytes(b"no image")
    pool = read(folder, task_registry["autoencoder"])
    assert pool is not None
    with pytest.raises(ZcBenchError, match=r"point_\d_view_\d_domain_rgb\.png is no whole image"):
        draw_batch(pool, task_registry["autoencoder"], 1, seed=0)


def test_a_label_that_changes_size_changes_the_digest(folder: Path) -> None:
    save_numbers(folder, "room_layout", np.ones((3, 9)))
    before = read(folder, task_registry["room_layout"])
    np.save(label_path(folder, 0, "room_layout", "npy"), np.ones(9, np.float32))
    after = read(folder, task_registry["room_layout"])
    assert before is not None
    assert after is not None
    assert before.digest != after.digest
