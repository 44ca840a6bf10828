"""How much memory passes take on GPUs.

As torch's allocator would count it, and for real where there is one.
"""

import pytest
import torch

from zc_bench._internal.gpu_memory import MemoryWatch
from zc_bench.engine import declare as observations
from zc_bench.engine.declare import proxy, shared_pass
from zc_bench.engine.execute import execute
from zc_bench.engine.plan import plan


class FakeGpus:
    """Stands for torch.cuda.

    What is allocated on each GPU, and the most since the peak was reset.
    """

    def __init__(self, *allocated):
        self.allocated = list(allocated)
        self.peaks = [10**9] * len(allocated)

    def take(self, device, size, kept=0):
        """Allocate, and free all but what is kept."""
        self.peaks[device] = max(self.peaks[device], self.allocated[device] + size)
        self.allocated[device] += kept

    def install(self, monkeypatch):
        for name, function in {
            "is_initialized": lambda: True,
            "device_count": lambda: len(self.allocated),
            "memory_allocated": lambda device: self.allocated[device],
            "max_memory_allocated": lambda device: self.peaks[device],
            "reset_peak_memory_stats": lambda device: self.peaks.__setitem__(
                device, self.allocated[device]
            ),
        }.items():
            monkeypatch.setattr(torch.cuda, name, function)
        return self


def test_is_the_rise_above_what_was_there(monkeypatch):
    gpus = FakeGpus(500).install(monkeypatch)
    watch = MemoryWatch()
    gpus.take(0, 300)
    gpus.take(0, 200)
    assert watch.rise() == 300


def test_is_that_of_the_gpu_where_it_rose_most(monkeypatch):
    gpus = FakeGpus(0, 900, 500).install(monkeypatch)
    watch = MemoryWatch()
    gpus.take(2, 70)
    assert watch.rise() == 70


def test_is_not_known_where_no_gpu_holds_anything(monkeypatch):
    FakeGpus(0, 0).install(monkeypatch)
    assert MemoryWatch().rise() is None


def test_is_not_known_without_a_gpu():
    if torch.cuda.is_initialized():
        pytest.skip("another test has used the GPU of this process")
    assert MemoryWatch().rise() is None


@pytest.fixture
def _empty_registries(monkeypatch):
    before = dict(observations.pass_registry)
    observations.pass_registry.clear()
    monkeypatch.setattr(observations.proxy_registry, "_items", {})
    yield
    observations.pass_registry.clear()
    observations.pass_registry.update(before)


@pytest.mark.usefixtures("_empty_registries")
def test_is_told_for_every_pass_that_ran(monkeypatch):
    gpus = FakeGpus(100).install(monkeypatch)

    class A:
        pass

    class B:
        pass

    def a() -> A:
        gpus.take(0, 40, kept=30)
        return A()

    def b(first: A) -> B:
        gpus.take(0, 25)
        return B()

    def both(first: A, second: B) -> float:
        """Reduce both."""
        return 1.0

    # The annotations name classes of this function, which are local to it.
    a.__annotations__ = {"return": A}
    b.__annotations__ = {"first": A, "return": B}
    both.__annotations__ = {"first": A, "second": B, "return": float}
    for declared in (a, b):
        shared_pass(declared)
    proxy("both", source="none")(both)
    assert execute(plan(["both"], ())).pass_peak_bytes == {"a": 40, "b": 25}


@pytest.mark.gpu
def test_is_what_a_gpu_holds():
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    kept = torch.zeros(1 << 20, device="cuda")
    watch = MemoryWatch()
    torch.zeros(1 << 22, dtype=torch.uint8, device="cuda")
    assert watch.rise() == 1 << 22
    del kept
