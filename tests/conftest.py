"""Fixtures of all tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings

# Processes that run tests side by side share the processors: with threads on top, each waits for
# the others.
if "PYTEST_XDIST_WORKER" in os.environ:
    torch.set_num_threads(1)


# The time of an example depends on the load of the machine.
settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of real data that developers have beside the repository.

    The test is skipped where it is absent.
    """
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"needs the real data in {folder}, which is absent here")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _nothing_shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the shipped scores; tests of these name a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZC_BENCH_SHIPPED", str(tmp_path_factory.mktemp("nothing-shipped")))
        yield


@pytest.fixture
def no_shipped_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No ground truth comes with the package."""
    monkeypatch.setattr("zc_bench.tables.catalogue.SHIPPED", tmp_path / "no-shipped-truth")


@pytest.fixture(scope="session")
def _data_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def data_folder(_data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder without downloads, shared by all tests so that ground truth is parsed once."""
    monkeypatch.setenv("ZC_BENCH_DATA", str(_data_home))
    # Processes that a test starts compute the same bits as the test itself: sums depend on the
    # number of threads.
    monkeypatch.setenv("OMP_NUM_THREADS", str(torch.get_num_threads()))
    return _data_home
