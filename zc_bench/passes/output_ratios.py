"""How evenly the channels of single feature maps span their space."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.outputs import output_tensors
from zc_bench.passes.running import hooked, run_alone
from zc_bench.passes.trial_inputs import TrialInputs


@dataclass(frozen=True)
class OutputRatios:
    """The singular values of the outputs of all modules for one image.

    Attributes:
        ratios: per call of a module, containers and the network itself included: the smallest
            singular value over the largest one of the matrix (C, H * W); 0 for a matrix of zeros.
    """

    ratios: tuple[float, ...]


@shared_pass
def output_ratios(trial: TrialInputs) -> OutputRatios:
    """Run the image of the batch with the smallest sum alone, without a graph.

    Raises:
        InvalidScoreError: if an output is not finite, or some batch normalisation has one value per
            channel of the image.
    """
    taken = _Ratios()
    place = int(trial.images.flatten(1).double().sum(1).argmin())
    with torch.no_grad(), hooked(trial.network.modules(), taken):
        run_alone(trial, trial.images[place : place + 1])
    return OutputRatios(tuple(taken.ratios))


class _Ratios:
    """Hook: reduces what a module gives."""

    def __init__(self) -> None:
        self.ratios: list[float] = []
        self._last: tuple[Any, int] = (None, 0)

    def __call__(self, _module: nn.Module, _inputs: tuple[Any, ...], output: Any) -> None:
        """Take one output, unless the module hands on what its last part gave."""
        if not isinstance(output, Tensor):
            output = output_tensors(output)[0]
        last, version = self._last
        if output is last and output._version == version:
            self.ratios.append(self.ratios[-1])
            return
        self.ratios.append(_ratio(output[0]))
        self._last = output, output._version


def _ratio(maps: Tensor) -> float:
    """Return the smallest singular value of (C, ...) over the largest; vectors have only one."""
    matrix = maps.detach().double().cpu()
    if not torch.isfinite(matrix).all():
        message = "the output of a module is not finite"
        raise InvalidScoreError(message)
    values = torch.linalg.svdvals(matrix.reshape(len(matrix) if matrix.dim() else 1, -1))
    return float(values[-1] / values[0]) if len(values) and values[0] > 0 else 0.0
