"""Images in an `.npz` file: the form in which users bring their own."""

from pathlib import Path

import numpy as np

from zc_bench.errors import ZcBenchError
from zc_bench.inputs.pool import Images, pool
from zc_bench.tasks import Task


def read(path: Path, task: Task) -> Images:
    """Read the pool of a file that holds `train_images` or `images`, and `train_labels` or `labels`.

    Tasks that do not ask for classes take no labels as well.

    Raises:
        ZcBenchError: if the file is damaged, or lacks an array, or an array is not what the task needs.
    """
    arrays = _arrays(path)
    labels = _pick(arrays, "labels")
    if labels is None and task.target in ("class", "distribution"):
        raise _lacks(path, "labels")
    images = _pick(arrays, "images")
    if images is None:
        raise _lacks(path, "images")
    return pool(images, labels, task, str(path))


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays that count."""
    wanted = ("train_images", "images", "train_labels", "labels")
    try:
        # Opened here, because NumPy leaves a file open that it finds to be damaged.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in wanted if name in archive}
    except Exception as error:
        # NumPy and zipfile raise nearly anything on a damaged file.
        message = (
            f"{path} is not a whole .npz file of plain arrays ({type(error).__name__}: {error}): "
            "write it anew with numpy.savez_compressed(path, images=..., labels=...)."
        )
        raise ZcBenchError(message) from error


def _pick(arrays: dict[str, np.ndarray], name: str) -> np.ndarray | None:
    return arrays.get(f"train_{name}", arrays.get(name))


def _lacks(path: Path, name: str) -> ZcBenchError:
    message = f"{path} holds neither 'train_{name}' nor {name!r}: write it anew with an array of that name."
    return ZcBenchError(message)
