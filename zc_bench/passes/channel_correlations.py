"""How the channels of feature maps correlate, for one random image."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zc_bench._internal.gaussian import randn_like
from zc_bench.engine.declare import Requested, shared_pass
from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.passes.running import hooked, run
from zc_bench.passes.spectra import eigenvalues
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.seeding import numpy_generator, torch_seeded

SAMPLED = 8  # channels of MeCo_opt
_HELD = 1 << 20  # entries of correlation matrices that are held until their eigenvalues are computed


@dataclass(frozen=True)
class ChannelCorrelations:
    """The correlations of channels over the values of the first image, per call of a module.

    Attributes:
        smallest: the smallest eigenvalue of the matrix of correlations; zero where a channel is
            constant, or has no more values than there are channels.
    """

    smallest: tuple[float, ...]


@dataclass(frozen=True)
class SampledCorrelations:
    """The same for `SAMPLED` channels of each output, drawn without replacement, or all if fewer.

    Attributes:
        smallest: the smallest eigenvalue of the matrix of their correlations.
        channels: how many channels the output has.
        sampled: how many were drawn.
    """

    smallest: tuple[float, ...]
    channels: tuple[int, ...]
    sampled: tuple[int, ...]


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

    def sample(rows: Tensor) -> Tensor:
        chosen = drawn.permutation(len(rows))[:SAMPLED]
        return rows[torch.from_numpy(chosen).to(rows.device)]

    whole = _Outputs(lambda rows: rows) if ChannelCorrelations in requested else None
    part = _Outputs(sample) if SampledCorrelations in requested else None
    reducers = [item for item in (whole, part) if item]

    def reduce(_module: nn.Module, _inputs: tuple[Any, ...], output: Any) -> None:
        for item in reducers:
            item.add(output)

    with torch_seeded(trial.seed, "one image", device=trial.images.device), torch.no_grad():
        image = randn_like(trial.images[:1])
        with hooked(trial.network.modules(), reduce):
            _run(trial, image)
    return (
        ChannelCorrelations(whole.smallest()) if whole else None,
        SampledCorrelations(part.smallest(), tuple(part.channels), tuple(part.used))
        if part
        else None,
    )


def _run(trial: TrialInputs, image: Tensor) -> None:
    try:
        run(trial, image)
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        message = f"it runs a single image, and batch normalisation refuses that: {error}"
        raise UndefinedScoreError(message) from error


class _Outputs:
    """Smallest eigenvalues, of matrices of one size together.

    Attributes:
        channels: of every output, how many channels it has.
        used: how many of them are correlated.
    """

    def __init__(self, choose: Callable[[Tensor], Tensor]) -> None:
        self.channels: list[int] = []
        self.used: list[int] = []
        self._choose = choose
        self._found: list[float] = []
        self._held: dict[int, list[tuple[int, Tensor]]] = defaultdict(list)
        self._same: dict[int, int] = {}
        self._last: tuple[Any, int] | None = None

    def add(self, output: Any) -> None:
        """Take the output of one call."""
        while isinstance(output, tuple | list) and output:
            output = output[0]
        if not isinstance(output, Tensor) or not output.is_floating_point() or output.dim() < 2:
            return
        place = len(self._found)
        # A container gives what its last part gave.
        if self._last is not None and self._last == (id(output), output._version):
            self._same[place] = self._same.get(place - 1, place - 1)
            self.channels.append(self.channels[-1])
            self.used.append(self.used[-1])
            self._found.append(0.0)
            return
        self._keep = output  # an identity is good as long as the tensor lives
        self._last = (id(output), output._version)
        rows = output[0].detach().flatten(1) if output.dim() > 2 else output[0].detach()[:, None]
        self._found.append(0.0)
        self.channels.append(len(rows))
        self._correlate(place, self._choose(rows).double())

    def _correlate(self, place: int, rows: Tensor) -> None:
        self.used.append(len(rows))
        if not bool(rows.isfinite().all()):
            message = "an output of a module is not finite"
            raise InvalidScoreError(message)
        # A matrix of correlations has at most as large a rank as there are values, less one.
        if len(rows) >= rows.shape[1]:
            return
        centred = rows - rows.mean(1, keepdim=True)
        norms = centred.norm(dim=1, keepdim=True)
        # Rounding leaves a residue of about 1e-16 of its values in a constant channel.
        if bool((norms[:, 0] <= 1e-12 * rows.norm(dim=1)).any()):
            return
        unit = centred / norms
        held = self._held[len(rows)]
        held.append((place, unit @ unit.T))
        if len(held) * len(rows) ** 2 >= _HELD:
            self._compute(len(rows))

    def _compute(self, size: int) -> None:
        held = self._held.pop(size)
        values = eigenvalues([matrix for _, matrix in held])
        smallest = torch.stack([found[0] for found in values]).tolist()
        for (place, _), value in zip(held, smallest, strict=True):
            self._found[place] = value

    def smallest(self) -> tuple[float, ...]:
        """Return the smallest eigenvalues, in the order of the calls."""
        for size in list(self._held):
            self._compute(size)
        return tuple(
            self._found[self._same.get(place, place)] for place in range(len(self._found))
        )
