"""Whether the output for an image depends on the other images of the batch."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from zc_bench.passes.operations import Operations
from zc_bench.passes.running import hooked, run
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.tasks import Loss


def images_are_independent(trial: TrialInputs) -> bool:
    """Return whether a batch may be computed in parts.

    Two images are tried. Another first image must leave the output for the second unchanged, to the
    last bit. The network must not draw random numbers, as dropout does. The loss of both images
    must be the mean of their losses. A network with batch normalisation is refused at once: in a
    branch whose weight is zero, two images would not show it.

    Args:
        trial: a trial. The answer is no if its network returns anything but one tensor.

    Returns:
        Whether it may. The answer is no if the network or its loss refuses two images.
    """
    second = trial.images if trial.second is None else trial.second.images
    if len(trial.images) < 2 or len(second) != len(trial.images):
        return False
    if any(isinstance(module, _BatchNorm) for module in trial.network.modules()):
        return False
    try:
        with torch.inference_mode():
            return _is_the_same_in_other_company(trial)
    except Exception:  # noqa: BLE001 - any network or loss may refuse two images with any error
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
