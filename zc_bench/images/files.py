"""Image files, opened when they are drawn."""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from zc_bench.errors import ZcBenchError
from zc_bench.images.lazy_array import Each
from zc_bench.images.resize import resize
from zc_bench.tasks import Task


def pictures(paths: Sequence[Path], task: Task) -> Each:
    """Return the images of files as rows of uint8 (H, W, 3), of the size of the task."""
    return Each(paths, partial(_resized, task=task))


def _resized(path: Path, task: Task) -> np.ndarray:
    return resize(read_picture(path), task)


def read_picture(path: Path, mode: str = "RGB") -> np.ndarray:
    """Read an image file.

    Args:
        path: a file of any form that Pillow knows.
        mode: "RGB", or "L" for one channel.

    Returns:
        uint8 (H, W, 3), or (H, W) of one channel.

    Raises:
        ZcBenchError: if the file is missing or damaged.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert(mode))
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        # Pillow raises any of these on a damaged file.
        message = f"{path} is no whole image ({error}): get it anew, or take it out of its folder."
        raise ZcBenchError(message) from error


def digest_of_files(home: Path, paths: Sequence[Path]) -> str:
    """Digest the names, within `home`, and the sizes of files, in hexadecimal: reading them all would take too long."""
    digest = hashlib.blake2b(digest_size=8)
    for path in paths:
        digest.update(f"{path.relative_to(home).as_posix()}\x1f{path.stat().st_size}\x1e".encode())
    return digest.hexdigest()
