"""Image files, opened when they are drawn."""

import hashlib
import warnings
from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from zc_bench._internal.files import read_regular
from zc_bench.errors import ZcBenchError
from zc_bench.images.lazy_array import Each
from zc_bench.images.resize import resize
from zc_bench.tasks import Task

# Other formats can start programs, as EPS starts Ghostscript, with any file name.
_FORMS = ("PNG", "JPEG")
# Bytes of files that are read for a digest: of a larger folder, a sample is read.
_READ_ALL = 1 << 30
_SOME = 1000


def pictures(paths: Sequence[Path], task: Task) -> Each:
    """Return the images of files as rows of uint8 (H, W, 3), of the size of the task."""
    return Each(paths, partial(_resized, task=task))


def _resized(path: Path, task: Task) -> np.ndarray:
    return resize(read_picture(path), task)


def read_picture(path: Path, mode: str = "RGB") -> np.ndarray:
    """Read an image file.

    Args:
        path: a PNG or JPEG file.
        mode: "RGB", or "L" for one channel.

    Returns:
        uint8 (H, W, 3), or (H, W) of one channel.

    Raises:
        ZcBenchError: if the file is missing, damaged, of another form, or of more than 89 million
            pixels.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of an image that takes much memory, and refuses one of twice the size.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(read_regular(path)), formats=_FORMS) as image:
                return np.asarray(image.convert(mode))
    except Exception as error:
        # Pillow raises nearly anything on a damaged file.
        message = f"{path} is no whole image ({error}): get it anew, or take it out of its folder."
        raise ZcBenchError(message) from error


def digest_of_files(home: Path, paths: Sequence[Path]) -> str:
    """Digest files.

    Args:
        home: their folder; it may be moved.
        paths: the files.

    Returns:
        A digest, in hexadecimal, of their names, sizes and contents. Of more than a gibibyte,
        contents of a thousand files stand for all: to read ImageNet whole would take too long.

    Raises:
        ZcBenchError: if one cannot be read.
    """
    try:
        sizes = [path.stat().st_size for path in paths]
        step = 1 if sum(sizes) <= _READ_ALL else -(-len(paths) // _SOME)
        digest = hashlib.blake2b(digest_size=8)
        for place, (path, size) in enumerate(zip(paths, sizes, strict=True)):
            digest.update(
                f"{path.relative_to(home).as_posix()}\x1f{size}\x1e".encode(
                    errors="surrogateescape"
                )
            )
            if place % step == 0:
                digest.update(hashlib.blake2b(read_regular(path)).digest())
    except OSError as error:
        message = (
            f"The images in {home} cannot be read ({error.strerror}: {error.filename}): make them "
            "readable."
        )
        raise ZcBenchError(message) from error
    return digest.hexdigest()
