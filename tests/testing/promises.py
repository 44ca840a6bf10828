"""Helpers of the tests that a broken promise fails its own check, and no other."""

import itertools
from dataclasses import dataclass

import pytest
import torch

from zc_bench.testing import cost, judge

CALLS = itertools.count()


@dataclass(frozen=True)
class Number:
    """What a pass of the tests produces."""

    value: float


def broken(checks):
    """Name the promises that are not kept."""
    return [verdict.check.promise for verdict in map(judge, checks) if verdict.outcome == "failed"]


def prepare(monkeypatch, function):
    """Skip what needs a GPU; make a short nap long enough."""
    if "costs_little" in function.__name__:
        monkeypatch.setattr(cost, "LIMIT", 1)
    if "gpu" in function.__name__ and not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
