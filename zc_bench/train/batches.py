"""Batches of an epoch, which threads make during the steps before."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch

from zc_bench.images import Batch
from zc_bench.seeding import numpy_generator
from zc_bench.train.data import Split
from zc_bench.train.transforms import View

_AHEAD = 2  # batches
_THREADS = 16


def chunks(places: np.ndarray, size: int) -> list[np.ndarray]:
    """Split indices into batches; drop a last batch of one image, which has no variance."""
    cut = [places[start : start + size] for start in range(0, len(places), size)]
    return [chunk for chunk in cut if len(chunk) > 1]


def batches(
    split: Split, parts: list[np.ndarray], view: View, seed: int, *names: str
) -> Iterator[Batch]:
    """Make batches in the order of their parts.

    Args:
        split: the images.
        parts: the indices of every batch.
        view: the function from an image to its view.
        seed: the seed of the training.
        *names: with the index of an image, they name the generator of its view. So the views do not
            depend on threads.

    Yields:
        Images (N, 3, H, W) and labels (N,).
    """

    def see(place: int) -> np.ndarray:
        return view(split.picture(place), numpy_generator(seed, "view", *names, str(place)))

    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as threads:
        waiting: deque[tuple[np.ndarray, list[Future[np.ndarray]]]] = deque()
        for part in parts:
            waiting.append((part, [threads.submit(see, int(place)) for place in part]))
            if len(waiting) > _AHEAD:
                yield _made(split, *waiting.popleft())
        while waiting:
            yield _made(split, *waiting.popleft())


def _made(split: Split, part: np.ndarray, views: list[Future[np.ndarray]]) -> Batch:
    images = np.stack([view.result() for view in views])
    return Batch(torch.from_numpy(images), torch.from_numpy(split.labels[part]))
