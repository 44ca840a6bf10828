"""Texts as tokens: drawn from Zipf's law, drawn uniformly, or the user's own.

Networks with new weights tell words apart only by how often they occur. Zipf's law gives the word of
rank r a probability that is proportional to 1 / r.
"""

import hashlib
from functools import cache, partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zc_bench._internal.files import expanded
from zc_bench.errors import ZcBenchError
from zc_bench.images.dataset import Images
from zc_bench.images.labels import form
from zc_bench.images.lazy_array import Each
from zc_bench.seeding import numpy_generator, uniform
from zc_bench.tasks import Task

TEXTS = 10_000
Law = Literal["zipf", "uniform"]
_WORDS: dict[Law, str] = {"zipf": "from Zipf's law", "uniform": "uniformly"}


def find_text(task: Task, where: str) -> Images:
    """Find the texts of a task.

    Args:
        task: a task with a vocabulary.
        where: "auto" draws tokens from Zipf's law, "noise" uniformly; neither draws token 0, which
            is padding. Anything else is the path of an `.npz` file with `tokens`, whole numbers
            (n, T) with T not below the length of the task's texts, which are cut.

    Returns:
        The pool of texts.

    Raises:
        ZcBenchError: if there is no such file, or it does not fit the task.

    Examples:
        >>> from zc_bench.tasks import task_registry
        >>> texts = find_text(task_registry["glue"], "auto")
        >>> texts.pixels[np.array([0, 7])].shape
        (2, 128)
    """
    if where in ("auto", "noise"):
        return _drawn("zipf" if where == "auto" else "uniform", task)
    return _read(expanded(where), task)


def _drawn(law: Law, task: Task) -> Images:
    source = f"{TEXTS:,} texts of {task.input}, drawn {_WORDS[law]}"
    texts = Each(range(TEXTS), partial(_text, law, task.vocabulary, task.image_size))
    content = f"{law} {TEXTS} {task.vocabulary} {task.image_size}"
    return Images(texts, None, source, _digest(content.encode()))


def _text(law: Law, vocabulary: int, length: int, place: int) -> NDArray[np.int64]:
    """Draw a text, which depends on its arguments alone."""
    drawn = uniform(numpy_generator(0, "text", law, str(place)), length)
    tokens: NDArray[np.int64] = 1 + np.searchsorted(_cumulative(law, vocabulary), drawn, "right")
    return tokens


@cache
def _cumulative(law: Law, vocabulary: int) -> NDArray[np.float64]:
    """Return the probability of a rank up to r, for all r but the last."""
    ranks = np.arange(1, vocabulary)
    sums = np.cumsum(1 / ranks if law == "zipf" else np.ones(vocabulary - 1))
    shares: NDArray[np.float64] = sums[:-1] / sums[-1]
    return shares


def _read(path: Path, task: Task) -> Images:
    try:
        with np.load(path, allow_pickle=False) as archive:
            tokens = archive["tokens"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        message = (
            f"{path} is no .npz file with an array `tokens` ({type(error).__name__}): give one, or "
            "'auto' for Zipf's law, or 'noise' for uniform tokens."
        )
        raise ZcBenchError(message) from error
    fits = tokens.ndim == 2 and tokens.dtype.kind in "iu" and tokens.shape[1] >= task.image_size
    if not fits or not tokens.size or tokens.min() < 0 or tokens.max() >= task.vocabulary:
        message = (
            f"{path}: the tokens are {form(tokens)}, expected whole numbers (n, {task.image_size}) "
            f"from 0 to {task.vocabulary - 1}: write them anew."
        )
        raise ZcBenchError(message)
    kept = np.ascontiguousarray(tokens[:, : task.image_size], "<i8")
    source = f"{path}: {len(kept):,} texts of {task.input}"
    return Images(kept.astype(np.int64), None, source, _digest(kept.tobytes()))


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()
