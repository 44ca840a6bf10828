"""The official files: CIFAR-10 and CIFAR-100 for Python, and ImageNet16.

Proxies see only the first 70 % of the training images, in file order, as the loader of NAS-Bench-Suite-Zero does.
"""

import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np

from zc_bench._internal import safe_pickle
from zc_bench.errors import ZcBenchError
from zc_bench.images.dataset import Images, pool
from zc_bench.tasks import Task


@dataclass(frozen=True)
class _Layout:
    """How a dataset is published.

    Attributes:
        folder: the folder of its files.
        files: the training files, in order.
        test: the file of the images that networks are tested with.
        labels: the entry of a file that holds the labels.
        archive: the archive of the folder, or empty.
        first_label: the label of class 0.
        subset: whether images of further classes are left out.
    """

    folder: str
    files: tuple[str, ...]
    test: str
    labels: str
    archive: str = ""
    first_label: int = 0
    subset: bool = False


_LAYOUTS = {
    "cifar10": _Layout(
        "cifar-10-batches-py",
        tuple(f"data_batch_{i}" for i in range(1, 6)),
        "test_batch",
        "labels",
        "cifar-10-python.tar.gz",
    ),
    "cifar100": _Layout(
        "cifar-100-python", ("train",), "test", "fine_labels", "cifar-100-python.tar.gz"
    ),
    "imagenet16-120": _Layout(
        "ImageNet16",
        tuple(f"train_data_batch_{i}" for i in range(1, 11)),
        "val_data",
        "labels",
        first_label=1,
        subset=True,
    ),
}


def read(folder: Path, task: Task) -> Images | None:
    """Read the official training images of a task that proxies see.

    Returns:
        The pool, or None if the folder holds none.

    Raises:
        ZcBenchError: if a file is missing, damaged, or not of the published form.
    """
    layout = _LAYOUTS.get(task.name)
    found = layout and _find(folder, task, layout, layout.files)
    if not found:
        return None
    pixels, labels, source = found
    kept = len(labels) * 7 // 10
    return pool(
        pixels[:kept],
        labels[:kept],
        task,
        f"{source}, the first 70 % of the {len(labels):,} official training images",
    )


def read_whole(folder: Path, task: Task) -> tuple[Images, Images] | None:
    """Read all official images of a task: those that networks are trained with, and those that they are tested with.

    Returns:
        Two pools, or None if the folder holds none.

    Raises:
        ZcBenchError: as for `read`.
    """
    layout = _LAYOUTS.get(task.name)
    training = layout and _find(folder, task, layout, layout.files)
    test = layout and _find(folder, task, layout, (layout.test,))
    if not training or not test:
        return None
    return pool(*training[:2], task, f"{training[2]}, for training"), pool(
        *test[:2], task, f"{test[2]}, for testing"
    )


def _find(
    folder: Path, task: Task, layout: _Layout, names: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray, Path] | None:
    """Read files where they are: pixels (n, H, W, 3), labels (n,), and the place."""
    home, archive = folder / layout.folder, folder / layout.archive
    if home.is_dir():
        source, files = home, _from_folder(home, names)
    elif layout.archive and archive.is_file():
        source, files = archive, _from_archive(archive, layout, names)
    else:
        return None
    parts = [_read(file, f"{name} of {source}", task, layout) for name, file in files]
    return (
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        source,
    )


def _from_folder(home: Path, names: tuple[str, ...]) -> Iterator[tuple[str, IO[bytes]]]:
    """Open one file after the other."""
    for name in names:
        path = home / name
        if not path.is_file():
            raise _missing(name, home)
        with path.open("rb") as file:
            yield name, file


def _from_archive(
    path: Path, layout: _Layout, names: tuple[str, ...]
) -> Iterator[tuple[str, IO[bytes]]]:
    """Read the files of an archive in one go, since going back in it means to unpack it again."""
    contents = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                folder, _, name = member.name.rpartition("/")
                if (
                    folder == layout.folder
                    and name in names
                    and (file := archive.extractfile(member))
                ):
                    contents[name] = file.read()
    except (tarfile.TarError, zlib.error, OSError, EOFError, KeyError) as error:
        message = f"{path} is truncated or damaged ({error}): get it anew."
        raise ZcBenchError(message) from error
    for name in names:
        if name not in contents:
            raise _missing(name, path)
        yield name, BytesIO(contents.pop(name))


def _missing(name: str, source: Path) -> ZcBenchError:
    return ZcBenchError(f"{source} lacks {name}: get it anew, or move it away to use other images.")


def _read(file: IO[bytes], name: str, task: Task, layout: _Layout) -> tuple[np.ndarray, np.ndarray]:
    """Read one file: pixels (n, H, W, 3), labels (n,)."""
    match safe_pickle.load(file, name, safe_pickle.NUMPY_ARRAYS):
        case {"data": np.ndarray() as data, layout.labels: list() as listed}:
            pass
        case _:
            message = f"{name} lacks 'data', an array, or {layout.labels!r}, a list: get it anew."
            raise ZcBenchError(message)
    side = task.image_size
    if (
        data.dtype != np.uint8
        or data.shape != (len(listed), 3 * side**2)
        or {*map(type, listed)} != {int}
    ):
        message = (
            f"{name} holds {data.dtype} {data.shape} for {len(listed)} labels, expected uint8 (n, {3 * side**2}) "
            "and n whole numbers: get it anew."
        )
        raise ZcBenchError(message)
    labels = np.array(listed) - layout.first_label
    if layout.subset:
        inside = labels < task.outputs
        data, labels = data[inside], labels[inside]
    return data.reshape(-1, 3, side, side).transpose(0, 2, 3, 1), labels
