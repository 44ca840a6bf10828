"""Square matrices of activations, before and after the activation functions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules import activation

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.running import hooked, run
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.seeding import numpy_generator

_ACTIVATIONS = tuple(getattr(activation, name) for name in activation.__all__)


@dataclass(frozen=True)
class ActivationWindows:
    """How much the rows of activation matrices vary, for each module with a weight or activation.

    Attributes:
        singular_values: float64, one tensor per module, of a matrix that has a column per channel
            and as many rows, which are neighbouring positions of the images; fewer rows where the
            batch has fewer.
    """

    singular_values: tuple[Tensor, ...]


@shared_pass
def activation_windows(trial: TrialInputs) -> ActivationWindows:
    """Run the batch once without a graph; keep a window of C rows of each output with C channels.

    The rows are the positions of the images, column by column of an image. The images are sorted,
    so that their order in the batch does not count. The start of a window is drawn so that C rows
    follow. A module that runs several times adds rows until there are C.

    Raises:
        InvalidScoreError: if an activation is not finite.
    """
    tapped = [module for module in trial.network.modules() if _is_tapped(module)]
    order = trial.images.flatten(1).double().sum(1).argsort(stable=True)
    windows = _Windows(numpy_generator(trial.seed, "activation windows"), order)
    with torch.inference_mode(), hooked(tapped, windows):
        run(trial, trial.images)
    return ActivationWindows(_singular_values(windows.taken()))


def _is_tapped(module: nn.Module) -> bool:
    weight = getattr(module, "weight", None)
    return isinstance(weight, Tensor) or isinstance(module, _ACTIVATIONS)


class _Windows:
    """Hook: takes a window of the rows that a module gives."""

    def __init__(self, generator: np.random.Generator, order: Tensor) -> None:
        self._generator, self._order = generator, order
        # Parts of a window, by module; a module whose window is full has no more.
        self._parts: dict[nn.Module, list[Tensor]] = defaultdict(list)
        self._full: set[nn.Module] = set()

    def __call__(self, module: nn.Module, _inputs: tuple[Any, ...], output: Any) -> None:
        """Take a window of one call."""
        values = output[0] if isinstance(output, tuple | list) else output
        if module in self._full or not isinstance(values, Tensor) or values.dim() < 2:
            return
        maps = _maps(values)
        channels, width = maps.shape[1], maps.shape[3]
        have = sum(map(len, self._parts[module]))
        rows = maps.numel() // channels
        wanted = min(channels - have, rows)
        starts = (rows - wanted) // width + 1
        start = width * int(self._generator.integers(starts))
        self._parts[module].append(_rows(maps, self._order, start, wanted))
        if have + wanted == channels:
            self._full.add(module)

    def taken(self) -> list[Tensor]:
        """Return the windows, float64, in the order in which their modules first ran."""
        return [torch.cat(parts) for parts in self._parts.values()]


def _maps(values: Tensor) -> Tensor:
    """View an output as (N, C, H, W); tokens (N, ..., C) have a height of one."""
    if values.dim() > 3:
        return values.flatten(3) if values.dim() > 4 else values
    return values.reshape(len(values), -1, values.shape[-1]).transpose(1, 2).unsqueeze(2)


def _rows(maps: Tensor, order: Tensor, start: int, count: int) -> Tensor:
    """Return consecutive rows of a matrix with a row per position, in the order (N, W, H)."""
    _, _, height, width = maps.shape
    places = torch.arange(start, start + count, device=maps.device)
    image, column, row = places // (width * height), places // height % width, places % height
    if len(order) == len(maps):
        image = order[image]
    return maps[image, :, row, column].double().cpu()


def _singular_values(windows: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Return the singular values of matrices, those of one shape together."""
    places = defaultdict(list)
    for place, window in enumerate(windows):
        if not torch.isfinite(window).all():
            message = "an activation is not finite"
            raise InvalidScoreError(message)
        places[window.shape].append(place)
    found: dict[int, Tensor] = {}
    for group in places.values():
        values = torch.linalg.svdvals(torch.stack([windows[place] for place in group]))
        found.update(zip(group, values, strict=True))
    return tuple(found[place] for place in range(len(windows)))
