"""The twenty labelled images per dataset that the PyPI package `foolbox` carries (MIT licence)."""

import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from zc_bench.inputs.pool import Images, pool, resize
from zc_bench.tasks import Task

_PREFIXES = {"cifar10": "cifar10", "cifar100": "cifar100", "imagenet16-120": "imagenet"}

# <dataset>_<number>_<label>.<form>
_NAME = re.compile(r"(?P<dataset>\w+)_\d+_(?P<label>\d+)\.(png|jpg)")


def read(task: Task) -> Images | None:
    """Read the images of a task.

    The ImageNet images have labels of 1,000 classes: they are taken modulo K, so that each is some class of the task.

    Returns:
        The pool, or None if the package is not installed or has no images for the task.
    """
    # The package is found, not imported: importing it takes seconds and is of no use.
    spec = find_spec("foolbox")
    homes = [Path(home) / "data" for home in (spec and spec.submodule_search_locations) or ()]
    found = [
        (path, int(match["label"]))
        for home in homes
        for path in sorted(home.iterdir())
        if (match := _NAME.fullmatch(path.name)) and match["dataset"] == _PREFIXES.get(task.name)
    ]
    if not found:
        return None
    labels = np.array([label for _, label in found])
    source = f"the labelled images of {_PREFIXES[task.name]} that the package foolbox carries"
    if labels.max() >= task.outputs:
        source += f", labels modulo {task.outputs}"
        labels %= task.outputs
    pictures = [np.asarray(Image.open(path).convert("RGB")) for path, _ in found]
    # Those of ImageNet are of several sizes.
    if any(picture.shape[:2] != (task.image_size, task.image_size) for picture in pictures):
        source += f", resized to {task.image_size}x{task.image_size}"
        pictures = [resize(picture, task.image_size) for picture in pictures]
    return pool(np.stack(pictures), labels, task, source)
