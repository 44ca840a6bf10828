"""A folder of image files: a subfolder for each class, or no classes."""

from pathlib import Path

import numpy as np

from zc_bench.images.dataset import Images
from zc_bench.images.files import digest_of_files, pictures
from zc_bench.images.labels import given_labels
from zc_bench.tasks import Task

_SUFFIXES = {".jpg", ".jpeg", ".png"}


def read(folder: Path, task: Task) -> Images | None:
    """Make a pool of the images in `<folder>/<class>/`, or else in `<folder>/`.

    Classes are numbered in the order of their names; a subfolder without images is none. Files are
    opened when they are drawn.

    Returns:
        The pool, or None if there are no images.

    Raises:
        ZcBenchError: if there are more classes than the task has.
    """
    if not folder.is_dir():
        return None
    subfolders = sorted(path for path in folder.iterdir() if path.is_dir())
    classes = [files for files in map(_images, subfolders) if files]
    paths = [path for files in classes for path in files] or _images(folder)
    if not paths:
        return None
    sizes = [len(files) for files in classes]
    labels = np.repeat(np.arange(len(sizes)), sizes) if classes else None
    rows, words = given_labels(labels, len(paths), task, str(folder))
    source = (
        f"{folder}: {len(paths):,} image files, {words}, resized to "
        f"{task.image_size}x{task.image_size}"
    )
    return Images(pictures(paths, task), rows, source, digest_of_files(folder, paths))


def _images(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file()
    )
