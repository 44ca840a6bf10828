"""Tasks and small images."""

import numpy as np
import pytest

from zc_bench.tasks import Task, task_registry


@pytest.fixture
def cifar10() -> Task:
    return task_registry["cifar10"]


@pytest.fixture
def pixels() -> np.ndarray:
    """Seven distinct images without black pixels, the same with every version of NumPy."""
    return (np.arange(7 * 32 * 32 * 3) ** 2 % 253 + 1).astype(np.uint8).reshape(7, 32, 32, 3)


@pytest.fixture
def labels() -> np.ndarray:
    return np.array([0, 9, 3, 4, 5, 6, 7])
