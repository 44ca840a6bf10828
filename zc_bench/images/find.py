"""Find the images of a task."""

from pathlib import Path

from zc_bench._internal.files import data_folder, expanded
from zc_bench.errors import ZcBenchError
from zc_bench.images import bundled, image_folder, npz, official, taskonomy
from zc_bench.images.dataset import Images, noise
from zc_bench.images.text import find_text
from zc_bench.tasks import Task


def find_images(task: Task, where: str = "auto", *, folder: Path | None = None) -> Images:
    """Find the images of a task, or its texts.

    Args:
        task: the task; of one with a vocabulary, `zc_bench.images.text.find_text` says where texts
            come from.
        where: "auto" takes the first that exists: the official files in the data folder,
            `<task>.npz` there, image files in `<task>/` there, the twenty images of the package
            foolbox. "noise" takes standard normal images with random labels. Anything else is the
            path of an `.npz` file, of a folder in the form of the data folder, or of a folder of
            Taskonomy or of image files.
        folder: the data folder; by default the usual one.

    Returns:
        The pool of images. Its source describes them.

    Raises:
        ZcBenchError: if there are none, or a file is damaged or of another form than expected.
    """
    if task.vocabulary:
        return find_text(task, where)
    if where == "noise":
        return noise(task)
    if where == "auto":
        folder = data_folder() if folder is None else folder
        images = _search(folder, task) or bundled.read(task)
        if images is None:
            message = (
                f"There are no images for {task.name}: put {task.name}.npz into {folder}, or ask "
                "for noise."
            )
            raise ZcBenchError(message)
        return images
    return _at(expanded(where), task)


def _at(path: Path, task: Task) -> Images:
    """Read the images at a path of the user."""
    if path.is_file():
        return npz.read(path, task)
    if not path.is_dir():
        message = (
            f"There are no images at {path}: expected an .npz file, a folder, 'auto' or 'noise'."
        )
        raise ZcBenchError(message)
    images = _search(path, task) or taskonomy.read(path, task) or image_folder.read(path, task)
    if images is None:
        message = (
            f"The folder {path} holds neither the official files of {task.name} nor {task.name}.npz nor image files: "
            "add them."
        )
        raise ZcBenchError(message)
    return images


def _search(folder: Path, task: Task) -> Images | None:
    images = official.read(folder, task) or taskonomy.read(folder / "taskonomy", task)
    path = folder / f"{task.name}.npz"
    if images is None and path.is_file():
        return npz.read(path, task)
    return images or image_folder.read(folder / task.name, task)
