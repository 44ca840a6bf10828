"""Correlations between images of what enters the ReLUs, and of its gradients."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.batch_loss import batch_loss
from zc_bench.passes.cells import cells_of
from zc_bench.passes.running import run
from zc_bench.passes.spectra import unit_rows
from zc_bench.passes.trial_inputs import TrialInputs


@dataclass(frozen=True)
class ReluCorrelations:
    """Sums of absolute correlations between images, over the ReLUs of a cell.

    Attributes:
        values: float64 (N, N) by the number of the cell: Pearson's correlations of what enters the
            ReLUs.
        gradients: the same, of the gradients of the loss with respect to that.
    """

    values: Mapping[int, Tensor]
    gradients: Mapping[int, Tensor]


@shared_pass(differentiates=True)
def relu_correlations(trial: TrialInputs) -> ReluCorrelations:
    """Run and differentiate the batch; reduce what enters every call of an nn.ReLU.

    Cells are numbered from 0. A ReLU outside of cells has the number of cells before it. A matrix
    does not count if a row is constant or not finite. The gradient is what comes back through the
    ReLU alone, also where others take the same input.

    Raises:
        UndefinedScoreError: if the batch has no labels, or the loss does not take what the network
            returns.
        InvalidScoreError: if the network has no nn.ReLU, or the loss does not depend on the images.
    """
    relus = [module for module in trial.network.modules() if isinstance(module, nn.ReLU)]
    if not relus:
        message = "the network has no nn.ReLU"
        raise InvalidScoreError(message)
    taps = _Taps()
    images = trial.images.detach()
    with _kept(relus), ExitStack() as stack:
        for cell in cells_of(trial.network):
            stack.callback(cell.register_forward_pre_hook(taps.begin).remove)
            stack.callback(cell.register_forward_hook(taps.end).remove)
        for relu in relus:
            stack.callback(relu.register_forward_pre_hook(taps.take).remove)
        with torch.enable_grad():
            images = images.requires_grad_(images.is_floating_point())
            outputs = run(trial, images)
    loss = batch_loss(trial, outputs, trial.labels)
    leaves = [images] if images.requires_grad else list(trial.network.parameters())
    torch.autograd.grad(loss, leaves, allow_unused=True)
    return ReluCorrelations(taps.values, taps.gradients)


@contextmanager
def _kept(relus: list[nn.ReLU]) -> Iterator[None]:
    """Let no ReLU write over its input while the block lasts."""
    writers = [relu for relu in relus if relu.inplace]
    for relu in writers:
        relu.inplace = False
    try:
        yield
    finally:
        for relu in writers:
            relu.inplace = True


class _Taps:
    """Hooks that add up correlations by cell."""

    def __init__(self) -> None:
        self.values: dict[int, Tensor] = {}
        self.gradients: dict[int, Tensor] = {}
        self._begun = 0
        self._inside: list[int] = []

    def begin(self, _cell: nn.Module, _inputs: tuple[Any, ...]) -> None:
        """Hook before a cell."""
        self._inside.append(self._begun)
        self._begun += 1

    def end(self, _cell: nn.Module, _inputs: tuple[Any, ...], _output: Any) -> None:
        """Hook after a cell."""
        self._inside.pop()

    def take(self, _relu: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Hook before a ReLU: reduce its input, and wait for the gradient of this use of it."""
        cell = self._inside[-1] if self._inside else self._begun
        _add(self.values, cell, inputs[0].detach())
        if not inputs[0].requires_grad:
            return inputs
        own = inputs[0].view_as(inputs[0])
        own.register_hook(lambda grad: _add(self.gradients, cell, grad))
        return (own, *inputs[1:])


def _add(sums: dict[int, Tensor], cell: int, values: Tensor) -> None:
    """Add the absolute correlations between images, unless some do not exist."""
    unit = unit_rows(values.detach().flatten(1).double())
    if unit is None:
        return
    sums[cell] = sums.get(cell, 0) + (unit @ unit.T).abs()
