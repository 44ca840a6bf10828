import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from zc_bench.errors import ZcBenchError
from zc_bench.images.labels import draw_labels, drawn_labels, given_labels
from zc_bench.images.resize import resize
from zc_bench.seeding import numpy_generator
from zc_bench.tasks import Task, task_registry

SCENE, ROOM, SEGMENT, NORMAL = (
    task_registry[name] for name in ("class_scene", "room_layout", "segmentsemantic", "normal")
)
THREE = np.arange(3)
MADE_TO_MEASURE = (ROOM, SEGMENT, NORMAL)


@pytest.mark.parametrize("name", ["jigsaw", "autoencoder"])
def test_some_tasks_need_no_labels(name: str) -> None:
    for labels in (None, THREE):
        rows, words = given_labels(labels, 3, task_registry[name], "a test")
        assert rows is None
        assert "labels are" in words


@pytest.mark.parametrize("task", MADE_TO_MEASURE, ids=lambda task: task.name)
def test_classes_of_images_are_none_of_a_task_that_asks_for_more(task: Task) -> None:
    for labels, words in (
        (None, "labels drawn at random"),
        (THREE, "drawn at random, those given are ignored"),
    ):
        rows, found = given_labels(labels, 3, task, "a test")
        assert rows is not None
        assert found.endswith(words)
        np.testing.assert_array_equal(rows[THREE], drawn_labels(3, task)[THREE])


@pytest.mark.parametrize(
    "task", [*MADE_TO_MEASURE, SCENE, task_registry["cifar10"]], ids=lambda task: task.name
)
def test_drawn_labels_depend_on_task_and_place_alone(task: Task) -> None:
    rows = drawn_labels(5, task)
    together = rows[np.arange(5)]
    np.testing.assert_array_equal(rows[np.array([3, 1])], together[[3, 1]])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(rows))[np.array([4])], together[4:])
    assert len({label.tobytes() for label in together}) >= 4
    np.testing.assert_array_equal(
        rows[np.array([2])], draw_labels(numpy_generator(0, "labels", task.name, "2"), task, 1)
    )
    assert (
        drawn_labels(5, replace(task, name="other"))[np.arange(5)].tobytes() != together.tobytes()
    )


def test_drawn_classes_are_uniform() -> None:
    drawn = draw_labels(numpy_generator(0, "a"), SCENE, 6300)
    assert drawn.dtype == np.int64
    assert np.abs(np.bincount(drawn, minlength=63) - 100).max() < 45


def test_drawn_values_are_standard_normal() -> None:
    drawn = draw_labels(numpy_generator(0, "a"), ROOM, 10_000)
    assert (drawn.dtype, drawn.shape) == (np.float32, (10_000, 9))
    np.testing.assert_allclose(drawn.mean(0), 0, atol=0.04)
    np.testing.assert_allclose(np.cov(drawn.T), np.eye(9), atol=0.06)


def test_drawn_class_maps_are_blocks() -> None:
    drawn = draw_labels(numpy_generator(0, "a"), SEGMENT, 20)
    assert (drawn.dtype, drawn.shape) == (np.int64, (20, 256, 256))
    assert set(drawn.ravel().tolist()) == set(range(17))
    np.testing.assert_array_equal(drawn, drawn[:, ::32, ::32].repeat(32, 1).repeat(32, 2))


def test_drawn_normals_are_unit_vectors_that_turn_smoothly() -> None:
    drawn = draw_labels(numpy_generator(0, "a"), NORMAL, 4)
    assert (drawn.dtype, drawn.shape) == (np.float32, (4, 256, 256, 3))
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=-1), 1, atol=1e-6)
    for step in (np.diff(drawn, axis=1), np.diff(drawn, axis=2)):
        # A vector that passes close to zero turns fast: hardly any do.
        assert np.quantile(np.linalg.norm(step, axis=-1), 0.95) < 0.15
    assert np.linalg.norm(drawn[0, 0, 0] - drawn[0, 255, 255]) > 0.2


@given(arrays(np.float32, (3, 63), elements=st.floats(0, 1e4, width=32)))
def test_distributions_are_divided_by_their_sum(weights: np.ndarray) -> None:
    weights[:, 7] += np.float32(1)
    rows, words = given_labels(weights, 3, SCENE, "a test")
    assert rows is not None
    assert words == "labels are distributions over 63 classes"
    assert rows[THREE].dtype == np.float32
    np.testing.assert_allclose(rows[THREE].sum(1, dtype=np.float64), 1, atol=1e-5)
    np.testing.assert_allclose(
        rows[THREE] * weights.sum(1, keepdims=True), weights, rtol=1e-4, atol=1e-30
    )


def test_a_distribution_may_be_a_class() -> None:
    rows, words = given_labels(np.array([62, 0, 5], np.uint8), 3, SCENE, "a test")
    assert rows is not None
    assert (rows[THREE].dtype, rows[THREE].tolist()) == (np.int64, [62, 0, 5])
    assert words == "labels 0 to 62 of 63 classes"


def test_values_are_taken_as_they_are() -> None:
    values = np.linspace(-5, 5, 27).reshape(3, 9)
    rows, _ = given_labels(values, 3, ROOM, "a test")
    assert rows is not None
    np.testing.assert_array_equal(rows[THREE], values.astype(np.float32))


def test_class_maps_are_brought_to_size() -> None:
    maps = (np.arange(3 * 4 * 4) % 17).reshape(3, 4, 4)
    rows, _ = given_labels(maps, 3, SEGMENT, "a test")
    assert rows is not None
    np.testing.assert_array_equal(rows[THREE], maps.repeat(64, 1).repeat(64, 2))


def test_normals_are_pictures_or_vectors() -> None:
    pictures = (np.arange(3 * 8 * 8 * 3) * 11 % 256).astype(np.uint8).reshape(3, 8, 8, 3)
    rows, _ = given_labels(pictures, 3, NORMAL, "a test")
    assert rows is not None
    np.testing.assert_array_equal(
        rows[THREE], np.stack([resize(picture, NORMAL) for picture in pictures])
    )
    vectors = np.linspace(-1, 1, 3 * 256 * 256 * 3).reshape(3, 256, 256, 3)
    rows, _ = given_labels(vectors, 3, NORMAL, "a test")
    assert rows is not None
    np.testing.assert_array_equal(rows[THREE], vectors.astype(np.float32))


@pytest.mark.parametrize(
    ("task", "labels", "sentence"),
    [
        (
            SCENE,
            np.ones((3, 62)),
            r"labels are float64 \(3, 62\), expected \(3, 63\), rows from 0 up",
        ),
        (SCENE, np.zeros((3, 63)), "with a sum above 0"),
        (SCENE, np.full((3, 63), np.nan), "with a sum above 0"),
        (SCENE, np.full((3, 63), np.inf), "with a sum above 0"),
        (SCENE, np.linspace(-1, 2, 189).reshape(3, 63), "rows from 0 up"),
        (SCENE, np.array(1.0), r"labels are float64 \(\)"),
        (SCENE, np.array([0, 1, 63]), "the label 63 is no class of class_scene, expected 0 to 62"),
        (ROOM, np.ones((3, 8)), r"labels are float64 \(3, 8\), expected finite floats \(3, 9\)"),
        (ROOM, np.ones((3, 9), int), r"labels are int64 \(3, 9\), expected finite floats"),
        (ROOM, np.full((3, 9), np.inf), "expected finite floats"),
        (
            SEGMENT,
            np.ones((3, 8, 8)),
            r"labels are float64 \(3, 8, 8\), expected whole numbers \(3, H, W\)",
        ),
        (SEGMENT, np.ones((2, 8, 8), int), r"labels are int64 \(2, 8, 8\)"),
        (SEGMENT, np.ones((3, 0, 8), int), r"labels are int64 \(3, 0, 8\)"),
        (
            SEGMENT,
            np.full((3, 8, 8), 17),
            "the label 17 is no class of segmentsemantic, expected 0 to 16",
        ),
        (
            NORMAL,
            np.ones((3, 8, 8, 3)),
            r"expected uint8 \(3, H, W, 3\), or floats in \[-1, 1\] \(3, 256, 256, 3\)",
        ),
        (NORMAL, np.ones((3, 8, 8, 4), np.uint8), r"labels are uint8 \(3, 8, 8, 4\)"),
        (NORMAL, np.full((3, 256, 256, 3), 1.5), r"floats in \[-1, 1\]"),
        (NORMAL, np.full((3, 256, 256, 3), np.nan), r"floats in \[-1, 1\]"),
    ],
)
def test_another_form_is_one_sentence(task: Task, labels: np.ndarray, sentence: str) -> None:
    with pytest.raises(ZcBenchError, match=rf"^a test: .*{sentence}"):
        given_labels(labels, 3, task, "a test")
