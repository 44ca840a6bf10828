"""Small trainings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from zc_bench.spaces import Architecture, space_registry
from zc_bench.tasks import Task, task_registry
from zc_bench.train import Data, Plan, Recipe, find_data, recipes

CELL = "((0, 0), (1, 2), (0, 3), (2, 2), (1, 1), (3, 5), (0, 2), (2, 2))"


@pytest.fixture
def task() -> Task:
    return task_registry["cifar10"]


@pytest.fixture
def architecture() -> Architecture:
    return space_registry["darts"].parse(f"({CELL}, {CELL})")


@pytest.fixture
def recipe() -> Recipe:
    """Two epochs of two narrow cells."""
    darts = recipes["darts"]["cifar10"]
    return replace(
        darts, skeleton=replace(darts.skeleton, width=2, cells=2), epochs=2, batch_size=16
    )


@pytest.fixture
def plan(architecture: Architecture, recipe: Recipe) -> Plan:
    return Plan(architecture, "cifar10", recipe)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """64 images whose class is their brightness, and 16 to test with."""
    generator = np.random.default_rng(0)
    labels = np.tile(np.arange(10), 8)
    pixels = (labels[:, None, None, None] * 25 + generator.integers(0, 6, (80, 32, 32, 3))).astype(
        np.uint8
    )
    path = tmp_path / "images.npz"
    np.savez(
        path,
        train_images=pixels[:64],
        train_labels=labels[:64],
        test_images=pixels[64:],
        test_labels=labels[64:],
    )
    return path


@pytest.fixture
def data(images: Path, task: Task) -> Data:
    return find_data(task, str(images))
