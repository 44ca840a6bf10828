"""The features between the cells of a network with He's weights, and how cells pull vectors back."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from zc_bench._internal.gaussian import gaussian_parameters, randn_like
from zc_bench.engine.declare import Requested, shared_pass
from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.passes.cells import cells_of
from zc_bench.passes.running import named_tensors, run_with
from zc_bench.passes.spectra import eigenvalues
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.passes.weights import weights as read_weights
from zc_bench.seeding import numpy_generator, torch_seeded


@dataclass(frozen=True)
class FeatureSpectra:
    """How the channels of the features vary together, over the positions of all images.

    Attributes:
        eigenvalues: of the covariance of the channels, float64 (C,), ascending, none negative: of
            what enters the first cell, then of what every cell gives. All zero where a feature is
            constant.
    """

    eigenvalues: tuple[Tensor, ...]


@dataclass(frozen=True)
class CellJacobians:
    """Vectors of random signs, pulled back through each cell.

    Attributes:
        products: per cell, float64 (C_in * s^2, C_out): the mean over images and positions of the
            pulled-back vector times the vector. s is the factor by which the cell shrinks its maps.
        identical: per cell, whether the pulled-back vector is the vector.
        enlarged: whether a cell gives larger maps than it takes, for which the products do not
            exist.
    """

    products: tuple[Tensor, ...]
    identical: tuple[bool, ...]
    enlarged: bool = False


@shared_pass(reads={FeatureSpectra: ("batch_size", "seed"), CellJacobians: ("batch_size", "seed")})
def cell_features(
    trial: TrialInputs, requested: Requested
) -> tuple[FeatureSpectra | None, CellJacobians | None]:
    """Run N(0, 1) inputs through the network once, and pull signs back through each cell alone.

    Conv2d and Linear layers have weights of N(0, 2 / fan_in) and zero biases. Batch normalisation
    has scale 1 and shift 0. The graph of a cell is freed before the next cell runs. Of a cell that
    runs several times, such as on the tiles of a jigsaw, the first run counts.

    Raises:
        UndefinedScoreError: if the inputs are integers, or no cell maps (N, C, H, W) to (N, C, H,
            W).
        InvalidScoreError: if a weight is computed from others, or a feature is not finite.
    """
    trial.expect_images("it sends Gaussian noise through the network")
    # Which parameters are weights, not their values: the score does not depend on these.
    weights = read_weights(trial)
    weights.expect_parameters()
    taps = _Taps(trial.seed, spectra=FeatureSpectra in requested, signs=CellJacobians in requested)
    with torch_seeded(trial.seed, "cell features", device=trial.images.device), torch.no_grad():
        drawn = gaussian_parameters(
            trial.network, weights.of_functions, weights.biases, kaiming=True
        )
        buffers = {id(buffer): buffer.clone() for buffer in trial.network.buffers()}
        state = {
            name: buffers[id(own)]
            for name, own in named_tensors(trial.network)
            if id(own) in buffers
        } | dict(drawn)
        with _tapped(cells_of(trial.network), taps):
            run_with(trial.network, state, randn_like(trial.images, on_cpu=True))
    taps.expect_cells()
    return (
        FeatureSpectra(eigenvalues(taps.covariances)) if FeatureSpectra in requested else None,
        CellJacobians(tuple(taps.products), tuple(taps.identical), taps.enlarged)
        if CellJacobians in requested
        else None,
    )


class _Taps:
    """Hooks before and after a cell: they reduce what the cell takes and gives, and keep no maps."""

    def __init__(self, seed: int, *, spectra: bool, signs: bool) -> None:
        self.covariances: list[Tensor] = []
        self.products: list[Tensor] = []
        self.identical: list[bool] = []
        self.enlarged = False
        self._spectra, self._signs = spectra, signs
        self._generator = numpy_generator(seed, "signs")
        self._entered: dict[int, Tensor] = {}  # by identity: modules of strangers may be equal
        self._seen: set[int] = set()

    def before(self, cell: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Hook: let the graph begin with the input of the cell."""
        if id(cell) in self._seen or not args or not _are_maps(args[0]):
            return None
        leaf = args[0].detach()
        self._entered[id(cell)] = leaf
        if not self._signs:
            return None
        leaf.requires_grad_()
        torch.set_grad_enabled(True)
        given = leaf.clone()  # an operation in place may write over it
        return tuple(given if item is args[0] else item for item in args)

    def after(self, cell: nn.Module, _args: tuple[Any, ...], output: Any) -> Any:
        """Hook: reduce, and end the graph."""
        torch.set_grad_enabled(False)
        entered = self._entered.pop(id(cell), None)
        if entered is None or not _are_maps(output):
            return None
        self._seen.add(id(cell))
        if self._spectra:
            first = [] if self.covariances else [entered]
            self.covariances += [_covariance(maps.detach()) for maps in (*first, output)]
        if self._signs:
            self._pull_back(entered, output)
        return output.detach()

    def _pull_back(self, entered: Tensor, output: Tensor) -> None:
        signs = _signs(self._generator, output)
        pulled = torch.zeros_like(entered)
        if output.requires_grad:
            (pulled,) = torch.autograd.grad(output, entered, signs, materialize_grads=True)
        self.identical.append(torch.equal(pulled, signs))
        if any(
            before < after for before, after in zip(pulled.shape[2:], signs.shape[2:], strict=True)
        ):
            self.enlarged = True
            return
        rows = _rows(signs)
        product = (_rows(_folded(pulled, *signs.shape[2:])).T @ rows).double() / len(rows)
        _expect_finite(product, "a vector that is pulled back through a cell")
        self.products.append(product)

    def expect_cells(self) -> None:
        """Refuse a network in which no cell ran."""
        if not self._seen:
            message = (
                "no cell of the network maps (N, C, H, W) to (N, C, H, W), or it is called without "
                "hooks: a cell is a module with is_cell = True, or else a child with a Conv2d"
            )
            raise UndefinedScoreError(message)


@contextmanager
def _tapped(cells: Sequence[nn.Module], taps: _Taps) -> Iterator[None]:
    handles = [
        *(cell.register_forward_pre_hook(taps.before) for cell in cells),
        *(cell.register_forward_hook(taps.after) for cell in cells),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _are_maps(value: Any) -> bool:
    return isinstance(value, Tensor) and value.dim() == 4 and value.is_floating_point()


def _rows(maps: Tensor) -> Tensor:
    """Arrange (N, C, H, W) as positions of all images: (N * H * W, C)."""
    return maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1])


def _folded(maps: Tensor, height: int, width: int) -> Tensor:
    """Turn patches into channels, so that a map has the given size; zeros complete the last ones."""
    factor = max(math.ceil(maps.shape[2] / height), math.ceil(maps.shape[3] / width))
    missing = factor * height - maps.shape[2], factor * width - maps.shape[3]
    if any(missing):
        maps = nn.functional.pad(maps, (0, missing[1], 0, missing[0]))
    return nn.functional.pixel_unshuffle(maps, factor) if factor > 1 else maps


def _signs(generator: np.random.Generator, like: Tensor) -> Tensor:
    """Draw -1 or 1 with equal probability, in the order of the indices: the same on every device."""
    count = like.numel()
    drawn = np.frombuffer(generator.bytes(-(-count // 8)), np.uint8)
    bits = torch.from_numpy(np.unpackbits(drawn, count=count)).to(like.device)
    signs = torch.empty_like(like).copy_(bits.view(like.shape))
    return signs.mul_(2).sub_(1)


def _covariance(maps: Tensor) -> Tensor:
    """Return the covariance of the channels, float64 (C, C); zero where rounding is all that varies."""
    rows = _rows(maps)
    mean = rows.mean(0)
    centred = rows - mean
    found = (centred.T @ centred).double() / len(rows)
    _expect_finite(found, "a feature")
    rounding = len(found) * torch.finfo(maps.dtype).eps
    constant = found.trace() <= rounding**2 * mean.double().square().sum()
    return torch.zeros_like(found) if constant else found


def _expect_finite(values: Tensor, what: str) -> None:
    if not bool(values.isfinite().all()):
        message = f"{what} is not finite"
        raise InvalidScoreError(message)
