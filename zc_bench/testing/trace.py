"""Traces of a pass: changes of weights, gradients, buffers, modes, hooks, batch or torch."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from unittest import SkipTest

import torch
from torch import Tensor, nn

from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.testing.check import expect
from zc_bench.testing.trials import ordinary_trial

Act = Callable[[TrialInputs], object]

_HOOKS = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
    "_state_dict_hooks",
)


def state_of(trial: TrialInputs) -> dict[str, Any]:
    """Describe the state that a trial could change; equal descriptions mean no change."""
    state: dict[str, Any] = {}
    for name, tensor in (*trial.network.named_parameters(), *trial.network.named_buffers()):
        state[f"the values of {name}"] = _values(tensor)
        state[f"the gradient of {name}"] = _values(tensor.grad)
    for name, module in trial.network.named_modules():
        which = f"the module {name!r}" if name else "the network"
        state[f"the mode of {which}"] = module.training
        state[f"the hooks of {which}"] = [dict(getattr(module, kind)) for kind in _HOOKS]
        state[f"the attributes of {which}"] = [id(module), type(module), sorted(vars(module))]
    second = None if trial.second is None else trial.second.images
    for name, images in (
        ("images", trial.images),
        ("labels", trial.labels),
        ("second batch", second),
    ):
        state[f"the {name}"] = _values(images), None if images is None else _values(images.grad)
    state["torch's random generator"] = torch.get_rng_state().numpy().tobytes()
    state["torch's gradient modes"] = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
    state["torch's default type"] = torch.get_default_dtype()
    return state


def _values(tensor: Tensor | None) -> Any:
    """Describe a tensor: its bytes, its memory, its version, its hooks."""
    if tensor is None:
        return None
    values = tensor.detach().contiguous().reshape(-1).view(torch.uint8).cpu().numpy().tobytes()
    hooks = dict(tensor._backward_hooks or {})
    return (
        id(tensor),
        tensor.data_ptr(),
        tensor._version,
        values,
        tensor.requires_grad,
        tensor.is_leaf,
        hooks,
    )


def expect_no_trace(act: Act) -> None:
    """Require that a function leaves a used network unchanged.

    Raises:
        BrokenContractError: if it does not; the message names what changed.
    """
    changed = _changes(act, _lived_in())
    expect(not changed, f"It changes {changed}.")


def expect_no_trace_after_errors(act: Act) -> None:
    """Require the same if the network, its loss or the derivative of the loss raises an error.

    Raises:
        BrokenContractError: if it does not; the message names what changed.
        SkipTest: if it leaves a trace without an error.
    """
    if _changes(act, ordinary_trial()):
        message = "it leaves a trace without any error"
        raise SkipTest(message)
    occasions = {
        "the first run of the network fails": ordinary_trial(_Breaks(1)),
        "the second run of the network fails": ordinary_trial(_Breaks(2)),
        "the loss fails": ordinary_trial(loss=_broken_loss),
        "the derivative of the loss fails": ordinary_trial(loss=_broken_derivative),
    }
    for occasion, trial in occasions.items():
        changed = _changes(act, trial)
        expect(not changed, f"It changes {changed} where {occasion}.")


def _changes(act: Act, trial: TrialInputs) -> str:
    """Name the first changes of a function."""
    before = state_of(trial)
    with suppress(Exception):
        act(trial)
    after = state_of(trial)
    return ", ".join([what for what in before | after if before.get(what) != after.get(what)][:3])


def _lived_in() -> TrialInputs:
    """Make a used network: with statistics, gradients on some weights, a hook."""
    trial = ordinary_trial()
    with torch.random.fork_rng():
        trial.network(trial.images)
    for index, parameter in enumerate(trial.network.parameters()):
        parameter.grad = torch.full_like(parameter, 0.5) if index % 2 else None
    trial.network.register_forward_hook(lambda *_: None)
    return trial


class _Breaks(nn.Module):
    """Raises in its nth run."""

    def __init__(self, run: int) -> None:
        super().__init__()
        self.left = run

    def forward(self, x: Tensor) -> Tensor:
        """Count down."""
        self.left -= 1
        if self.left == 0:
            message = "broken on purpose"
            raise ValueError(message)
        return x

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Breaks":
        """Count the runs of copies as well."""
        return self


def _broken_loss(_outputs: Tensor, _labels: Tensor) -> Tensor:
    message = "broken on purpose"
    raise ValueError(message)


def _broken_derivative(outputs: Tensor, labels: Tensor) -> Tensor:
    loss = nn.functional.cross_entropy(outputs, labels)
    loss.register_hook(lambda _: _broken_loss(outputs, labels))  # type: ignore[no-untyped-call]
    return loss
