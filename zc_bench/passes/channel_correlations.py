"""How the channels of feature maps correlate, for one random image."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zc_bench._internal.gaussian import randn_like
from zc_bench.engine.declare import Requested, shared_pass
from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.passes.running import hooked, run
from zc_bench.passes.spectra import eigenvalues, unit_rows
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.seeding import numpy_generator, torch_seeded

SAMPLED = 8
_HELD = 1 << 20  # entries of matrices of one size, held until their eigenvalues are computed


@dataclass(frozen=True)
class ChannelCorrelations:
    """The correlations between the channels of the first image, per call of a module.

    Attributes:
        smallest: the smallest eigenvalue of the matrix of correlations; zero where a channel is
            constant, or where there are no more values than channels.
    """

    smallest: tuple[float, ...]


@dataclass(frozen=True)
class SampledCorrelations:
    """The same for `SAMPLED` channels of every output, drawn without replacement, or all if fewer.

    Attributes:
        smallest: the smallest eigenvalue of the matrix of their correlations.
        channels: how many channels the output has.
    """

    smallest: tuple[float, ...]
    channels: tuple[int, ...]


@shared_pass(
    reads={ChannelCorrelations: ("weights", "seed"), SampledCorrelations: ("weights", "seed")}
)
def channel_correlations(
    trial: TrialInputs, requested: Requested
) -> tuple[ChannelCorrelations | None, SampledCorrelations | None]:
    """Run one N(0, 1) image through the network, and correlate the channels of every output.

    Raises:
        UndefinedScoreError: if the inputs are integers, or batch normalisation has a single value
            per channel.
        InvalidScoreError: if an output is not finite.
    """
    trial.expect_images("it sends a random image through the network")
    drawn = numpy_generator(trial.seed, "channels")
    whole = _Smallest() if ChannelCorrelations in requested else None
    part = _Smallest() if SampledCorrelations in requested else None
    channels: list[int] = []

    def correlate(_module: nn.Module, _inputs: tuple[Any, ...], output: Any) -> None:
        rows = _first_rows(output)
        if rows is None:
            return
        channels.append(len(rows))
        if whole:
            whole.add(rows, output)
        if part:
            chosen = torch.from_numpy(drawn.permutation(len(rows))[:SAMPLED])
            part.add(rows[chosen.to(rows.device)])

    with torch_seeded(trial.seed, "one image", device=trial.images.device), torch.no_grad():
        image = randn_like(trial.images[:1], on_cpu=True)
        with hooked(trial.network.modules(), correlate):
            _run(trial, image)
    return (
        ChannelCorrelations(whole.values()) if whole else None,
        SampledCorrelations(part.values(), tuple(channels)) if part else None,
    )


def _run(trial: TrialInputs, image: Tensor) -> None:
    try:
        run(trial, image)
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        message = f"it runs a single image, and batch normalisation refuses that: {error}"
        raise UndefinedScoreError(message) from error


def _first_rows(output: Any) -> Tensor | None:
    """Arrange the first image of an output as (C, values); None where there is no image."""
    while isinstance(output, tuple | list) and output:
        output = output[0]
    if not isinstance(output, Tensor) or output.dim() < 2 or not output.is_floating_point():
        return None
    rows: Tensor = output[0].reshape(output.shape[1], -1)
    if not bool(rows.isfinite().all()):
        message = "the output of a module is not finite"
        raise InvalidScoreError(message)
    return rows


class _Smallest:
    """Smallest eigenvalues of matrices of correlations, those of one size together."""

    def __init__(self) -> None:
        self._places: list[int] = []  # of every output: which of the values
        self._values: list[float] = []
        self._held: dict[int, list[tuple[int, Tensor]]] = defaultdict(list)
        self._last: object = None
        self._version = 0

    def add(self, rows: Tensor, output: object = None) -> None:
        """Take the rows of an output; a container gives the output of its last part once more."""
        version = output._version if isinstance(output, Tensor) else 0
        if output is None or self._last is not output or self._version != version:
            self._correlate(rows.double())
        self._last, self._version = output, version
        self._places.append(len(self._values) - 1)

    def _correlate(self, rows: Tensor) -> None:
        place, size = len(self._values), len(rows)
        self._values.append(0.0)
        # The rank of the matrix is at most the number of values, less one.
        if size >= rows.shape[1] or (unit := unit_rows(rows)) is None:
            return
        self._held[size].append((place, unit @ unit.T))
        if len(self._held[size]) * size**2 >= _HELD:
            self._compute(size)

    def _compute(self, size: int) -> None:
        held = self._held.pop(size)
        found = eigenvalues([matrix for _, matrix in held])
        smallest = torch.stack([values[0] for values in found]).tolist()
        for (place, _), value in zip(held, smallest, strict=True):
            self._values[place] = value

    def values(self) -> tuple[float, ...]:
        """Return the smallest eigenvalues, one per output."""
        for size in list(self._held):
            self._compute(size)
        return tuple(self._values[place] for place in self._places)
