"""Batches for an epoch, made by threads while the network is busy with those before."""

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
    """Cut places into batches; a last one of a single image, which has no variance, is left out."""
    cut = [places[start : start + size] for start in range(0, len(places), size)]
    return [chunk for chunk in cut if len(chunk) > 1]


def batches(
    split: Split, parts: list[np.ndarray], view: View, seed: int, *names: str
) -> Iterator[Batch]:
    """Make batches in the order of their parts.

    Args:
        split: where the images are.
        parts: the places of every batch.
        view: what is seen of an image.
        seed: of the training.
        *names: with the place of an image they name the generator of its view, so that no thread can change a bit.

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
