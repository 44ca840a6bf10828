"""Images of the user in an `.npz` file."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from zc_bench._internal.memory import half_of_memory
from zc_bench.errors import ZcBenchError
from zc_bench.images.dataset import Images, pool
from zc_bench.tasks import Task


def read(path: Path, task: Task) -> Images:
    """Read the pool of a file with `train_images` or `images`, and `train_labels` or `labels`.

    Labels are optional for tasks without classes.

    Raises:
        ZcBenchError: if the file is damaged, an array is missing, or if an array does not fit the
            task.
    """
    return _pool(path, task, _arrays(path), ("train_", ""))


def read_whole(path: Path, task: Task) -> tuple[Images, Images | None]:
    """Read the training images as `read` does, and `test_images` with `test_labels`, if any.

    Raises:
        ZcBenchError: as for `read`.
    """
    arrays = _arrays(path)
    test = _pool(path, task, arrays, ("test_",)) if "test_images" in arrays else None
    return _pool(path, task, arrays, ("train_", "")), test


def _pool(
    path: Path, task: Task, arrays: Mapping[str, np.ndarray], prefixes: tuple[str, ...]
) -> Images:
    images, labels = (_pick(arrays, name, prefixes) for name in ("images", "labels"))
    if labels is None and task.target in ("class", "distribution"):
        raise _lacks(path, "labels", prefixes)
    if images is None:
        raise _lacks(path, "images", prefixes)
    return pool(images, labels, task, str(path))


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the known arrays."""
    requested = [
        prefix + name for prefix in ("train_", "", "test_") for name in ("images", "labels")
    ]
    try:
        # The file is opened here, because NumPy does not close a damaged file.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            held = [name for name in requested if name in archive]
            _expect_room(path, sum(archive.zip.getinfo(f"{name}.npy").file_size for name in held))
            return {name: archive[name] for name in held}
    except ZcBenchError:
        raise
    except Exception as error:
        # NumPy and zipfile raise many kinds of errors on a damaged file.
        message = (
            f"{path} is not a whole .npz file of plain arrays ({type(error).__name__}: {error}): "
            "write it anew with numpy.savez_compressed(path, images=..., labels=...)."
        )
        raise ZcBenchError(message) from error


def _expect_room(path: Path, size: int) -> None:
    """Expect arrays to leave room for what is made of them."""
    if size > half_of_memory():
        message = (
            f"{path} holds {size / 2**30:,.1f} GiB of images and labels, more than half of the memory "
            f"({2 * half_of_memory() / 2**30:,.1f} GiB): give a folder of image files, which are read one by one."
        )
        raise ZcBenchError(message)


def _pick(
    arrays: Mapping[str, np.ndarray], name: str, prefixes: tuple[str, ...]
) -> np.ndarray | None:
    return next((arrays[prefix + name] for prefix in prefixes if prefix + name in arrays), None)


def _lacks(path: Path, name: str, prefixes: tuple[str, ...]) -> ZcBenchError:
    names = " nor ".join(repr(prefix + name) for prefix in prefixes)
    message = f"{path} holds neither {names}: write it anew with an array of that name."
    return ZcBenchError(message)
