import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zc_bench.images import bundled
from zc_bench.tasks import Task, task_registry


@pytest.mark.parametrize(
    "name", [name for name, task in task_registry.items() if not task.vocabulary]
)
def test_every_task_has_twenty_images(name: str) -> None:
    task = task_registry[name]
    images = bundled.read(task)
    assert images is not None
    places = np.arange(20)
    assert images.pixels[places].shape == (20, task.image_size, task.image_size, 3)
    if task.target in ("class", "distribution"):
        assert images.labels is not None
        assert images.labels[places].max() < task.outputs
    assert "foolbox" in images.source
    assert "foolbox" not in sys.modules


def test_labels_and_pixels_belong_together(cifar10: Task) -> None:
    images = bundled.read(cifar10)
    spec = find_spec("foolbox")
    assert images is not None
    assert spec is not None
    assert spec.submodule_search_locations is not None
    picture = Image.open(Path(spec.submodule_search_locations[0]) / "data" / "cifar10_04_6.png")
    np.testing.assert_array_equal(images.pixels[np.array([4])], [np.asarray(picture)])
    assert images.labels is not None
    assert images.labels[np.array([4])] == 6


def test_imagenet_says_what_was_done() -> None:
    images = bundled.read(task_registry["imagenet16-120"])
    assert images is not None
    assert images.labels is not None
    assert images.labels[np.array([0])] == 243 % 120
    assert "labels modulo 120, resized to 16x16" in images.source


def test_taskonomy_borrows_images_but_no_labels() -> None:
    images = bundled.read(task_registry["class_scene"])
    assert images is not None
    assert "imagenet" in images.source
    assert images.source.endswith("labels drawn at random")


def test_a_task_of_another_dataset_has_none(cifar10: Task) -> None:
    assert bundled.read(replace(cifar10, dataset="")) is None


def test_an_absent_package_is_none(cifar10: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "find_spec", lambda _: None)
    assert bundled.read(cifar10) is None
