"""The official files: CIFAR-10 and CIFAR-100 for Python, and ImageNet16.

Proxies see only the first 70 % of the training images, in file order, as the loader of
NAS-Bench-Suite-Zero does.

The published MD5 of each file is known. A file with another one is read too, because reading is
safe and a part of CIFAR-10 is a good test; the source of the images then says that they are not the
official ones.
"""

import hashlib
import tarfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from zc_bench._internal import safe_pickle
from zc_bench.errors import ZcBenchError
from zc_bench.images.dataset import Images, pool
from zc_bench.tasks import Task

_LARGEST = 1 << 28  # bytes; the largest official file, train of CIFAR-100, has 155 million


@dataclass(frozen=True)
class _Layout:
    """How a dataset is published.

    Attributes:
        folder: the folder of its files.
        files: the training files, in order, with their MD5.
        test: the file of the images that networks are tested with, with its MD5.
        labels: the entry of a file that holds the labels.
        archive: the archive of the folder, or empty.
        first_label: the label of class 0.
        subset: whether images of further classes are left out.
    """

    folder: str
    files: Mapping[str, str]
    test: Mapping[str, str]
    labels: str
    archive: str = ""
    first_label: int = 0
    subset: bool = False


# The MD5 of CIFAR are those of torchvision.datasets, those of ImageNet16 those of NAS-Bench-201's
# loader.
_LAYOUTS = {
    "cifar10": _Layout(
        "cifar-10-batches-py",
        {
            "data_batch_1": "c99cafc152244af753f735de768cd75f",
            "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
            "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
            "data_batch_4": "634d18415352ddfa80567beed471001a",
            "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
        },
        {"test_batch": "40351d587109b95175f43aff81a1287e"},
        "labels",
        "cifar-10-python.tar.gz",
    ),
    "cifar100": _Layout(
        "cifar-100-python",
        {"train": "16019d7e3df5f24257cddd939b257f8d"},
        {"test": "f0ef6b0ae62326f3e7ffdfab6717acfc"},
        "fine_labels",
        "cifar-100-python.tar.gz",
    ),
    "imagenet16-120": _Layout(
        "ImageNet16",
        {
            "train_data_batch_1": "27846dcaa50de8e21a7d1a35f30f0e91",
            "train_data_batch_2": "c7254a054e0e795c69120a5727050e3f",
            "train_data_batch_3": "4333d3df2e5ffb114b05d2ffc19b1e87",
            "train_data_batch_4": "1620cdf193304f4a92677b695d70d10f",
            "train_data_batch_5": "348b3c2fdbb3940c4e9e834affd3b18d",
            "train_data_batch_6": "6e765307c242a1b3d7d5ef9139b48945",
            "train_data_batch_7": "564926d8cbf8fc4818ba23d2faac7564",
            "train_data_batch_8": "f4755871f718ccb653440b9dd0ebac66",
            "train_data_batch_9": "bb6dd660c38c58552125b1a92f86b5d4",
            "train_data_batch_10": "8f03f34ac4b42271a294f91bf480f29b",
        },
        {"val_data": "3410e3017fdaefba8d5073aaa65e4bd6"},
        "labels",
        first_label=1,
        subset=True,
    ),
}


def read(folder: Path, task: Task) -> Images | None:
    """Read the official images for training of a task that proxies see.

    Returns:
        The pool, or None if the folder holds none.

    Raises:
        ZcBenchError: if a file is missing, damaged, or not of the published form.
    """
    layout = _LAYOUTS.get(task.name)
    found = layout and _find(folder, task, layout, layout.files)
    if not found:
        return None
    pixels, labels, source, words = found
    kept = len(labels) * 7 // 10
    return pool(
        pixels[:kept],
        labels[:kept],
        task,
        f"{source}, the first 70 % of the {len(labels):,} {words} for training",
    )


def read_whole(folder: Path, task: Task) -> tuple[Images, Images] | None:
    """Read all official images of a task.

    Those that networks are trained with, and those that they are tested with.

    Returns:
        Two pools, or None if the folder holds none.

    Raises:
        ZcBenchError: as for `read`.
    """
    layout = _LAYOUTS.get(task.name)
    training = layout and _find(folder, task, layout, layout.files)
    test = layout and _find(folder, task, layout, layout.test)
    if not training or not test:
        return None
    sources = [f"{home}, {words} for" for *_, home, words in (training, test)]
    return pool(*training[:2], task, f"{sources[0]} training"), pool(
        *test[:2], task, f"{sources[1]} testing"
    )


def _find(
    folder: Path, task: Task, layout: _Layout, digests: Mapping[str, str]
) -> tuple[np.ndarray, np.ndarray, Path, str] | None:
    """Read files where they are.

    Pixels (n, H, W, 3), labels (n,), the place, and and what they are.
    """
    home, archive = folder / layout.folder, folder / layout.archive
    if home.is_dir():
        source, files = home, _from_folder(home, digests)
    elif layout.archive and archive.is_file():
        source, files = archive, _from_archive(archive, layout, digests)
    else:
        return None
    parts, official = [], True
    for name, data in files:
        parts.append(_read(data, f"{name} of {source}", task, layout))
        official &= hashlib.md5(data, usedforsecurity=False).hexdigest() == digests[name]
    words = "official images" if official else "images (MD5 differs: not the official files)"
    return (
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        source,
        words,
    )


def _from_folder(home: Path, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Read one file after the other."""
    for name in names:
        path = home / name
        if not path.is_file():
            raise _missing(name, home)
        if path.stat().st_size > _LARGEST:
            raise _too_large(name, home)
        try:
            yield name, path.read_bytes()
        except OSError as error:
            message = f"{path} cannot be read ({error.strerror}): make it readable."
            raise ZcBenchError(message) from error


def _from_archive(
    path: Path, layout: _Layout, names: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """Read the files of an archive in one go, since going back in it means to unpack it again."""
    contents = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                folder, _, name = member.name.rpartition("/")
                # To pass over a file is to unpack it.
                if member.size > _LARGEST:
                    raise _too_large(name, path)
                if folder != layout.folder or name not in names or not member.isfile():
                    continue
                if file := archive.extractfile(member):
                    contents[name] = file.read()
    except (
        tarfile.TarError,
        zlib.error,
        OSError,
        EOFError,
        KeyError,
        ValueError,
        OverflowError,
    ) as error:
        message = f"{path} is truncated or damaged ({error}): get it anew."
        raise ZcBenchError(message) from error
    for name in names:
        if name not in contents:
            raise _missing(name, path)
        yield name, contents.pop(name)


def _too_large(name: str, source: Path) -> ZcBenchError:
    return ZcBenchError(
        f"{name} of {source} is larger than {_LARGEST >> 20} MiB, unlike any official file: get it anew."
    )


def _missing(name: str, source: Path) -> ZcBenchError:
    return ZcBenchError(f"{source} lacks {name}: get it anew, or move it away to use other images.")


def _read(contents: bytes, name: str, task: Task, layout: _Layout) -> tuple[np.ndarray, np.ndarray]:
    """Read one file: pixels (n, H, W, 3), labels (n,)."""
    match safe_pickle.load(BytesIO(contents), name, safe_pickle.NUMPY_ARRAYS):
        case {"data": safe_pickle.Array() as array, layout.labels: list() as listed}:
            data: np.ndarray = array.values
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
