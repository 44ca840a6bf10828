"""What several tests need."""

import os
from pathlib import Path

import pytest
import torch

# Processes that run tests side by side share the processors: with threads on top, each waits for the others.
if "PYTEST_XDIST_WORKER" in os.environ:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of real data that developers have beside the repository; the test is skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"needs the real data in {folder}, which is absent here")
    return folder
