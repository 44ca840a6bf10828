"""Whether the images of a batch have anything to do with each other."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from zc_bench.passes.operations import Operations
from zc_bench.passes.running import hooked, run
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.tasks import Loss


def images_are_independent(trial: TrialInputs) -> bool:
    """Say whether a batch may be seen in parts.

    It is tried, with two images: the output for the second must be the same to the last bit when the first is another,
    no random number may be drawn (as dropout does), and the loss of both must be the mean of their losses.
    Batch normalisation is looked for as well, in modules and functions: at the end of a branch whose weight is zero it
    would not be noticed.

    Args:
        trial: a network that returns one tensor; any other may not be seen in parts.

    Returns:
        Whether it may; not if it could not be tried.
    """
    second = trial.images if trial.second is None else trial.second.images
    if len(trial.images) < 2 or len(second) != len(trial.images):
        return False
    if any(isinstance(module, _BatchNorm) for module in trial.network.modules()):
        return False
    try:
        with torch.inference_mode():
            return _is_the_same_in_other_company(trial)
    except Exception:  # noqa: BLE001 - a stranger's network or loss may refuse two images with any error
        return False


def _is_the_same_in_other_company(trial: TrialInputs) -> bool:
    states: list[Tensor] = []

    def note(*_: object) -> None:
        states.append(
            torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()
        )

    device, normalisation = trial.images.device, _BatchNormalisation()
    handle = trial.network.register_forward_pre_hook(note)
    try:
        with hooked([trial.network], note), normalisation:
            outputs, others = (run(trial, trial.images[pair]) for pair in ([0, 1], [-1, 1]))
    finally:
        handle.remove()
    if normalisation.found or normalisation.unseen:
        return False
    draws = any(not torch.equal(state, states[0]) for state in states)
    if (
        draws
        or not isinstance(outputs, Tensor)
        or len(outputs) != 2
        or not torch.equal(outputs[1], others[1])
    ):
        return False
    return trial.labels is None or _is_a_mean(trial.loss, outputs, trial.labels[:2])


class _BatchNormalisation(Operations):
    """Looks for batch normalisation."""

    found = False

    def after(self, name: str, _args: tuple[Any, ...], _output: Any, /) -> None:
        """Look at one operation."""
        self.found = self.found or "batch_norm" in name


def _is_a_mean(loss: Loss, outputs: Tensor, labels: Tensor) -> bool:
    both, one, other = (
        loss(outputs[part], labels[part]) for part in (slice(0, 2), slice(0, 1), slice(1, 2))
    )
    return bool(torch.isclose(both, (one + other) / 2, rtol=1e-4))
