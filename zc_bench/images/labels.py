"""Labels in the form of a task: given ones are checked, missing ones are drawn."""

from functools import partial

import numpy as np

from zc_bench.errors import ZcBenchError
from zc_bench.images.lazy_array import Each, Rows
from zc_bench.images.resize import resize, resize_classes
from zc_bench.seeding import below, normal, numpy_generator
from zc_bench.tasks import Target, Task

_BLOCKS = 8  # along each side of a drawn class map, or of a drawn map of normals
_MADE: dict[Target, str] = {
    "input": "labels are the images themselves",
    "permutation": "labels are permutations of the tiles, drawn with the batch",
}


def given_labels(
    labels: np.ndarray | None, n: int, task: Task, source: str
) -> tuple[Rows | None, str]:
    """Check the labels of n images, and convert them to the form of the task's target.

    Args:
        labels: None for random labels; whole numbers (n,), the classes of images, which only tasks
            of classes use; or, by target: distribution, numbers from 0 up (n, K), which are divided
            by their sum; values, floats (n, K); class map, whole numbers (n, H, W) in [0, K);
            normals, uint8 (n, H, W, 3), with 0 to 255 for -1 to 1, or floats in [-1, 1] of the
            task's size.
        n: the number of images.
        task: the task.
        source: the origin of the labels, for messages.

    Returns:
        Rows of labels, int64 () or float32 (K,) or whole numbers (H, W) or uint8 or float32 (H, W,
        3), or None if the target needs none; and a description of them.

    Raises:
        ZcBenchError: if the labels have another form, or one of them is out of range.
    """
    if task.target in _MADE:
        return None, _MADE[task.target]
    if labels is None:
        return drawn_labels(n, task), "labels drawn at random"
    if labels.ndim == 1 and task.target not in ("class", "distribution"):
        return drawn_labels(n, task), "labels drawn at random, those given are ignored"
    return given_rows(labels, n, task, source)


def given_rows(labels: np.ndarray, n: int, task: Task, source: str) -> tuple[Rows, str]:
    """Check labels in the form of the task, and convert them to that of a pool."""
    match task.target:
        case "distribution" if labels.dtype.kind == "f":
            return _distributions(labels, n, task, source)
        case "values":
            return _values(labels, n, task, source)
        case "class map":
            return _class_maps(labels, n, task, source)
        case "normals":
            return _normals(labels, n, task, source)
        case _:
            return _classes(labels, n, task, source)


def drawn_labels(n: int, task: Task) -> Rows:
    """Return n labels in the form of the task; they depend on task and place alone."""
    return Each(range(n), partial(_drawn, task=task))


def _drawn(place: int, task: Task) -> np.ndarray:
    label: np.ndarray = draw_labels(numpy_generator(0, "labels", task.name, str(place)), task, 1)[0]
    return label


def draw_labels(generator: np.random.Generator, task: Task, n: int) -> np.ndarray:
    """Draw labels of the task's form.

    Returns:
        By target: class, distribution and permutation, uniform int64 (n,); values, standard normal
        float32 (n, K); class map, int64 (n, H, W), blocks of uniform classes; normals, float32 (n,
        H, W, 3), unit vectors that vary smoothly over the pixels.
    """
    match task.target:
        case "values":
            return normal(generator, n, task.outputs)
        case "class map":
            classes = below(generator, task.outputs, n, _BLOCKS, _BLOCKS)
            places = np.arange(task.image_size) * _BLOCKS // task.image_size
            return classes[:, places[:, None], places]
        case "normals":
            return _smooth(normal(generator, n, _BLOCKS + 1, _BLOCKS + 1, 3), task.image_size)
        case _:
            return below(generator, task.outputs, n)


def _smooth(corners: np.ndarray, size: int) -> np.ndarray:
    """Interpolate vectors (n, G, G, 3) to unit vectors (n, size, size, 3)."""
    places = np.arange(size) * ((corners.shape[1] - 1) / size)
    first = places.astype(np.intp)
    share = (places - first).astype(np.float32)[:, None, None]
    rows = corners[:, first] * (1 - share) + corners[:, first + 1] * share
    share = share[:, 0]
    vectors = rows[:, :, first] * (1 - share) + rows[:, :, first + 1] * share
    unit: np.ndarray = vectors / np.sqrt(np.square(vectors).sum(-1, keepdims=True))
    return unit


def _classes(labels: np.ndarray, n: int, task: Task, source: str) -> tuple[Rows, str]:
    if labels.dtype.kind not in "iu" or labels.shape != (n,):
        raise _other_form(labels, f"one whole number per image, ({n},)", source)
    _check_classes(labels, task, source)
    return labels.astype(
        np.int64
    ), f"labels {labels.min()} to {labels.max()} of {task.outputs} classes"


def _distributions(labels: np.ndarray, n: int, task: Task, source: str) -> tuple[Rows, str]:
    sums = labels.sum(-1, keepdims=True) if labels.ndim else labels
    if (
        labels.shape != (n, task.outputs)
        or not (np.isfinite(sums) & (sums > 0)).all()
        or labels.min() < 0
    ):
        raise _other_form(
            labels, f"({n}, {task.outputs}), rows from 0 up with a sum above 0", source
        )
    return (labels / sums).astype(
        np.float32
    ), f"labels are distributions over {task.outputs} classes"


def _values(labels: np.ndarray, n: int, task: Task, source: str) -> tuple[Rows, str]:
    if (
        labels.dtype.kind != "f"
        or labels.shape != (n, task.outputs)
        or not np.isfinite(labels).all()
    ):
        raise _other_form(labels, f"finite floats ({n}, {task.outputs})", source)
    return labels.astype(np.float32), f"labels of {task.outputs} values"


def _class_maps(labels: np.ndarray, n: int, task: Task, source: str) -> tuple[Rows, str]:
    if labels.dtype.kind not in "iu" or labels.ndim != 3 or len(labels) != n or not labels.size:
        raise _other_form(labels, f"whole numbers ({n}, H, W)", source)
    _check_classes(labels, task, source)
    return Each(labels, partial(resize_classes, task=task)), f"class maps of {task.outputs} classes"


def _normals(labels: np.ndarray, n: int, task: Task, source: str) -> tuple[Rows, str]:
    size = task.image_size
    if (
        labels.dtype == np.uint8
        and labels.ndim == 4
        and labels.shape[::3] == (n, 3)
        and labels.size
    ):
        return Each(labels, partial(resize, task=task)), "normals"
    if (
        labels.dtype.kind != "f"
        or labels.shape != (n, size, size, 3)
        or not (np.abs(labels) <= 1).all()
    ):
        expected = f"uint8 ({n}, H, W, 3), or floats in [-1, 1] ({n}, {size}, {size}, 3)"
        raise _other_form(labels, expected, source)
    return labels.astype(np.float32), "normals"


def _check_classes(labels: np.ndarray, task: Task, source: str) -> None:
    wrong = labels[(labels < 0) | (labels >= task.outputs)]
    if wrong.size:
        message = (
            f"{source}: the label {wrong[0]} is no class of {task.name}, expected 0 to {task.outputs - 1}: "
            "correct the labels, or choose the task that they belong to."
        )
        raise ZcBenchError(message)


def _other_form(labels: np.ndarray, expected: str, source: str) -> ZcBenchError:
    return ZcBenchError(f"{source}: the labels are {form(labels)}, expected {expected}.")


def form(array: np.ndarray) -> str:
    """Describe an array: its type and shape."""
    return f"{array.dtype} {array.shape}"
