"""Images for training and for validation."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zc_bench._internal.files import data_folder, expanded
from zc_bench.errors import ZcBenchError
from zc_bench.images import Images, image_folder, npz, official
from zc_bench.images.files import read_picture
from zc_bench.images.lazy_array import Each
from zc_bench.seeding import numpy_generator
from zc_bench.tasks import Task

# Without test images, every tenth training image is held out.
_HELD_OUT = 10


@dataclass(frozen=True, eq=False)
class Split:
    """Images with their classes.

    Attributes:
        picture: the function from an index to the image, uint8 (H, W, 3), of any size.
        labels: int64 (n,).
        source: a description of the images.
        digest: a short digest in hexadecimal.
    """

    picture: Callable[[int], np.ndarray]
    labels: np.ndarray
    source: str
    digest: str


@dataclass(frozen=True, eq=False)
class Data:
    """The images for training and for validation.

    Attributes:
        training: the split with the training images.
        validation: the split with the validation images.
        places: the indices of the training images in `training`, int64 (n,).
        validation_places: the indices of the validation images in `validation`.
    """

    training: Split
    validation: Split
    places: np.ndarray
    validation_places: np.ndarray

    def limited(self, count: int | None, seed: int) -> "Data":
        """Return at most `count` random images of each kind; all if it is None."""
        if count is None:
            return self
        chosen = (
            np.sort(numpy_generator(seed, "limit", name).permutation(places)[:count])
            for name, places in (("training", self.places), ("validation", self.validation_places))
        )
        return Data(self.training, self.validation, *chosen)


def find_data(task: Task, where: str = "auto") -> Data:
    """Find images of a task.

    Args:
        task: a task of classes.
        where: "auto" for the data folder, or the path of a similar folder, or of an `.npz` file
            with `train_images`, `train_labels`, `test_images` and `test_labels`. A folder is
            searched for the official files, `<task>.npz`, and image files in `train/<class>/` and
            `val/<class>/`, there or in `<task>/`.

    Returns:
        The images. Without test images, every tenth training image is held out for validation.

    Raises:
        ZcBenchError: if there are none, or a file is damaged or of another form than expected.
    """
    if task.vocabulary:
        message = f"{task.name} has no labels to train with: choose a task of classes."
        raise ZcBenchError(message)
    path = data_folder() if where == "auto" else expanded(where)
    found = _in_file(path, task) if path.is_file() else _in_folder(path, task)
    if found is None:
        message = (
            f"There are no images to train with at {path}: expected the official files of {task.name}, "
            f"{task.name}.npz, or image files in train/<class>/ and val/<class>/; add them, or name another place "
            "with --inputs."
        )
        raise ZcBenchError(message)
    training, validation = found
    places = np.arange(len(training.labels))
    if validation is not None:
        return Data(training, validation, places, np.arange(len(validation.labels)))
    held_out = places % _HELD_OUT == _HELD_OUT - 1
    return Data(training, training, places[~held_out], places[held_out])


def _in_file(path: Path, task: Task) -> tuple[Split, Split | None]:
    training, test = npz.read_whole(path, task)
    return _split(training), None if test is None else _split(test)


def _in_folder(folder: Path, task: Task) -> tuple[Split, Split | None] | None:
    if (whole := official.read_whole(folder, task)) is not None:
        return _split(whole[0]), _split(whole[1])
    if (path := folder / f"{task.name}.npz").is_file():
        return _in_file(path, task)
    for home in (folder / task.name, folder):
        if (training := image_folder.read(home / "train", task)) is not None:
            validation = image_folder.read(home / "val", task)
            return _split(training), None if validation is None else _split(validation)
    return None


def _split(images: Images) -> Split:
    pixels, labels = images.pixels, images.labels
    if not isinstance(labels, np.ndarray):
        # Labels that are no array are random, for proxies alone.
        message = (
            f"{images.source}: there are no classes to learn, put the images of each into a folder "
            "of its own."
        )
        raise ZcBenchError(message)
    if isinstance(pixels, Each) and isinstance(pixels.items[0], Path):
        files = pixels.items
        # Photographs are not resized, because random parts are taken from them.
        return Split(lambda place: read_picture(files[place]), labels, images.source, images.digest)
    return Split(lambda place: pixels[np.array([place])][0], labels, images.source, images.digest)
