"""The twenty labelled images per dataset in the PyPI package `foolbox` (MIT licence)."""

import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from zc_bench.images.dataset import Images, pool
from zc_bench.images.files import read_picture
from zc_bench.images.resize import resize
from zc_bench.tasks import Task

# By the dataset of a task. ImageNet stands in for Taskonomy, Flowers-102 and Chaoyang.
_PREFIXES = {
    "CIFAR-10": "cifar10",
    "CIFAR-100": "cifar100",
    "ImageNet16": "imagenet",
    "ImageNet": "imagenet",
    "Taskonomy": "imagenet",
    "Flowers-102": "imagenet",
    "Chaoyang": "imagenet",
}

# <dataset>_<number>_<label>.<form>
_NAME = re.compile(r"(?P<dataset>\w+)_\d+_(?P<label>\d+)\.(png|jpg)")


def read(task: Task) -> Images | None:
    """Read the images of the task's dataset, or of the most similar one.

    The labels of the ImageNet images are of 1,000 classes. For a task with fewer classes they are
    taken modulo K. For the tasks of Taskonomy, labels are random.

    Returns:
        The pool, or None if the package is not installed or has no images for the task.
    """
    prefix = _PREFIXES.get(task.dataset)
    # The package is located, not imported, because its import takes seconds.
    spec = find_spec("foolbox")
    homes = [Path(home) / "data" for home in (spec and spec.submodule_search_locations) or ()]
    found = [
        (path, int(match["label"]))
        for home in homes
        for path in sorted(home.iterdir())
        if (match := _NAME.fullmatch(path.name)) and match["dataset"] == prefix
    ]
    if not found:
        return None
    source = f"the labelled images of {prefix} that the package foolbox carries"
    labels = np.array([label for _, label in found]) if task.target == "class" else None
    if labels is not None and labels.max() >= task.outputs:
        source += f", labels modulo {task.outputs}"
        labels %= task.outputs
    images = [read_picture(path) for path, _ in found]
    # ImageNet images have several sizes.
    if any(image.shape[:2] != (task.image_size, task.image_size) for image in images):
        source += f", resized to {task.image_size}x{task.image_size}"
        images = [resize(image, task) for image in images]
    return pool(np.stack(images), labels, task, source)
