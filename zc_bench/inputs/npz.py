"""Images in an `.npz` file: the form in which users bring their own."""

from pathlib import Path

import numpy as np

from zc_bench.errors import ZcBenchError
from zc_bench.inputs.pool import Images, pool
from zc_bench.tasks import Task


def read(path: Path, task: Task) -> Images:
    """Read the pool of a file that holds `train_images` or `images`, and `train_labels` or `labels`.

    Raises:
        ZcBenchError: if the file is damaged, or lacks an array, or an array is not what the task needs.
    """
    arrays = _arrays(path)
    return pool(_pick(arrays, path, "images"), _pick(arrays, path, "labels"), task, str(path))


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


def _pick(arrays: dict[str, np.ndarray], path: Path, name: str) -> np.ndarray:
    for candidate in (f"train_{name}", name):
        if candidate in arrays:
            return arrays[candidate]
    message = f"{path} holds neither 'train_{name}' nor {name!r}: write it anew with an array of that name."
    raise ZcBenchError(message)
