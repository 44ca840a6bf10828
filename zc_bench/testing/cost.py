"""Costs in multiples of a forward pass."""

import time
from collections.abc import Callable

import torch

from zc_bench.passes.running import run
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.testing.check import expect
from zc_bench.testing.trials import ordinary_trial

# Forward passes. The proxies of zc-bench take fewer than twelve, but for ntk_condition, which needs
# a backward pass per image: about forty for 32 images.
LIMIT = 100
_ROUNDS = 3


def expect_cheap(act: Callable[[TrialInputs], object]) -> str:
    """Time a function against a forward pass of the same network: the best of some rounds.

    Returns:
        The ratio, as a sentence.

    Raises:
        BrokenContractError: if it exceeds the limit.
    """
    trial = ordinary_trial(images=32, size=32)
    ratio = _seconds(lambda: act(trial)) / _seconds(lambda: _forward(trial))
    words = f"{ratio:.3g} forward passes"
    expect(ratio <= LIMIT, f"It costs {words}: no more than {LIMIT} are expected.")
    return words


def _forward(trial: TrialInputs) -> None:
    with torch.inference_mode():
        run(trial, trial.images)


def _seconds(act: Callable[[], object]) -> float:
    act()
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        act()
        best = min(best, time.perf_counter() - start)
    return best
