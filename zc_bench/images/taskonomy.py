"""Taskonomy (Zamir et al. 2018, arXiv:1804.08328), laid out as TransNAS-Bench-101 expects it.

`<building>/rgb/<view>_domain_rgb.png` holds an image, `<building>/<task>/<view>_domain_<task>.<png
or npy>` its label:

- class_object and class_scene: one number per class, from 0 up. Of Taskonomy's 1000 and 365 classes
  TransNAS-Bench-101 takes 100 and 63, which `class_object_selected.npy` and
  `class_scene_selected.npy` of its code mark: beside the buildings, they are applied. Files that
  hold 100 and 63 numbers need none;
- normal: a picture of which 0 to 255 stands for -1 to 1 (TransNAS-Bench-101 leaves it at 0 to 1);
- segmentsemantic: a picture of classes, of which 0, unknown, and 1 become 0, 2 becomes 1, and so
  on;
- room_layout: nine numbers.
"""

from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np

from zc_bench._internal.files import read_regular
from zc_bench.errors import ZcBenchError
from zc_bench.images.dataset import Images
from zc_bench.images.files import digest_of_files, pictures, read_picture
from zc_bench.images.labels import form, given_labels, given_rows
from zc_bench.images.lazy_array import Each
from zc_bench.tasks import Task

_SUFFIXES = {"distribution": "npy", "values": "npy", "normals": "png", "class map": "png"}


def read(folder: Path, task: Task) -> Images | None:
    """Make a pool of all images that have a label.

    Of all images, with labels drawn at random, if none has one.

    Files are opened when they are drawn.

    Returns:
        The pool, or None if the folder holds no such images or the task is none of Taskonomy's.

    Raises:
        ZcBenchError: if the file that marks classes is damaged.
    """
    candidates = folder.glob("*/rgb/*_domain_rgb.png") if task.dataset == "Taskonomy" else ()
    found = sorted(path for path in candidates if path.is_file())
    if not found:
        return None
    pairs = [(path, label) for path in found if (label := _label_of(path, task)).is_file()]
    size = f"resized to {task.image_size}x{task.image_size}"
    if task.target not in _SUFFIXES or not pairs:
        rows, words = given_labels(None, len(found), task, str(folder))
        source = f"{folder}: {len(found):,} image files of Taskonomy, {words}, {size}"
        return Images(pictures(found, task), rows, source, digest_of_files(folder, found))
    paths, labels = [path for path, _ in pairs], [label for _, label in pairs]
    source = f"{folder}: {len(paths):,} image files of Taskonomy with labels of {task.name}, {size}"
    if len(paths) < len(found):
        source += f"; {len(found) - len(paths):,} without are left out"
    mask = folder / f"{task.name}_selected.npy"
    marks = [mask] if mask.is_file() else []
    read_label = partial(_read_label, task=task, selected=_selection(mask, task) if marks else None)
    digest = digest_of_files(folder, [*paths, *labels, *marks])
    return Images(pictures(paths, task), Each(labels, read_label), source, digest)


def _label_of(path: Path, task: Task) -> Path:
    name = path.name.removesuffix("rgb.png") + f"{task.name}.{_SUFFIXES.get(task.target)}"
    return path.parents[1] / task.name / name


def _read_label(path: Path, task: Task, selected: np.ndarray | None) -> np.ndarray:
    """Read the label of one image, in the form of a pool's labels."""
    match task.target:
        case "normals":
            label = read_picture(path)
        case "class map":
            label = np.maximum(read_picture(path, "L"), 1) - 1
        case "distribution":
            label = _select(_numbers(path), path, task, selected)
        case _:
            label = _numbers(path)
    row: np.ndarray = given_rows(label[None], 1, task, str(path))[0][np.arange(1)][0]
    return row


def _select(numbers: np.ndarray, path: Path, task: Task, selected: np.ndarray | None) -> np.ndarray:
    """Take the numbers of the task's classes out of those of all classes."""
    if numbers.shape == (task.outputs,):
        return numbers
    if selected is not None and numbers.shape == selected.shape:
        chosen: np.ndarray = numbers[selected]
        return chosen
    message = (
        f"{path} holds {form(numbers)}, expected {task.outputs} numbers: put {task.name}_selected.npy of the code of "
        "TransNAS-Bench-101, which marks as many of them, beside the buildings."
    )
    raise ZcBenchError(message)


def _selection(path: Path, task: Task) -> np.ndarray:
    """Read which classes count, bool (classes of Taskonomy,)."""
    selected: np.ndarray = _numbers(path) != 0
    if selected.ndim != 1 or selected.sum() != task.outputs:
        message = f"{path} marks {selected.sum()} classes, expected {task.outputs}: get it anew."
        raise ZcBenchError(message)
    return selected


def _numbers(path: Path) -> np.ndarray:
    try:
        numbers = np.lib.format.read_array(BytesIO(read_regular(path)), allow_pickle=False)
        if numbers.dtype.kind not in "biuf":
            message = f"it holds {numbers.dtype}"
            raise ValueError(message)
        found: np.ndarray = numbers.astype(np.float64)
    except Exception as error:
        # NumPy raises nearly anything on a damaged file.
        message = (
            f"{path} is no whole .npy file of numbers ({error}): get it anew, or take its image "
            "out as well."
        )
        raise ZcBenchError(message) from error
    return found
