"""TransNAS-Bench-101, macro: 3,256 stacks of modules (Duan et al. 2021, arXiv:2105.11871)."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product

import numpy as np
import torch
from torch import Tensor, nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.base import Architecture, CellGraph, space_registry
from zc_bench.spaces.blocks import ReluConvBn, size
from zc_bench.spaces.digits import read_digits
from zc_bench.spaces.tnb101 import network as tnb101_network
from zc_bench.spaces.tnb101.network import shrinks, widens
from zc_bench.tasks import Task

# The kinds of modules; the digit of a kind is its index, and zero means no module.
MODULES = ("", "keep", "widen", "shrink", "widen and shrink")

_KINDS = range(1, len(MODULES))
_LENGTHS = range(4, 7)
_PLACES = 6
_NATIVE = re.compile(r"64-([1-4]{4,6})-basic")


class TransNasBench101Macro:
    """The network-level search space of TransNAS-Bench-101.

    A network has four to six modules of two residual blocks each. One to three of them widen: they
    double the channels; one to four shrink: they halve the resolution. The canonical key lists the
    digits of the modules, their indices in `MODULES`, padded with zeros. The native string of the
    authors is `64-1242-basic`.
    """

    name = "tnb101_macro"
    tasks: tuple[str, ...] = tnb101_network.TASKS
    size = 3256

    def parse(self, text: str) -> Architecture:
        """Read `(1, 2, 4, 2, 0, 0)`, with or without zeros at the end, or `64-1242-basic`.

        Raises:
            ZcBenchError: if the text is neither.
        """
        native = _NATIVE.fullmatch(text.strip())
        digits = tuple(map(int, native[1])) if native else read_digits(text)
        if len(digits) > _PLACES or not _is_network(_unpadded(digits)):
            raise _not_an_architecture(text)
        return _architecture(digits)

    def native(self, architecture: Architecture) -> str:
        """Write the authors' string."""
        return f"64-{''.join(map(str, modules(architecture)))}-basic"

    def canonical(self, architecture: Architecture) -> str:
        """Return the key, because all networks differ."""
        return architecture.key

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the network: its modules in a row."""
        nodes = ("input", *(MODULES[kind] for kind in modules(architecture)), "output")
        return (
            CellGraph(
                "network", nodes, tuple((place, place + 1, "") for place in range(len(nodes) - 1))
            ),
        )

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw uniformly from all 3,256 architectures."""
        networks = _every_network()
        return _architecture(networks[generator.integers(len(networks))])

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield every architecture with one module of another kind, one less or one more, once."""
        kinds = modules(architecture)
        one, none = [(kind,) for kind in _KINDS], ()
        other = [
            kinds[:place] + new + kinds[place + 1 :]
            for place in range(len(kinds))
            for new in (*one, none)
        ]
        more = [
            kinds[:place] + new + kinds[place:] for place in range(len(kinds) + 1) for new in one
        ]
        # Removing or adding a module next to one of its kind yields the same architecture several
        # times.
        for found in dict.fromkeys(other + more):
            if found != kinds and _is_network(found):
                yield _architecture(found)

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take each digit from either parent; repeat until the digits are an architecture."""
        pairs = tuple(zip(_digits(first), _digits(second), strict=True))
        while True:
            digits = [
                pair[which]
                for pair, which in zip(pairs, generator.integers(2, size=_PLACES), strict=True)
            ]
            if _is_network(_unpadded(digits)):
                return _architecture(digits)

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Add up the parameters of the stem, of the blocks and of the task's head."""
        return tnb101_network.parameters(modules(architecture), _block_size, task)

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the network of 8 to 12 residual blocks, batch normalisation affine, tracked."""
        return tnb101_network.build(modules(architecture), _Block, task)


def modules(architecture: Architecture) -> tuple[int, ...]:
    """Return the kinds of an architecture's modules, as digits 1..4."""
    return _unpadded(_digits(architecture))


def _digits(architecture: Architecture) -> tuple[int, ...]:
    digits: tuple[int, ...] = ast.literal_eval(architecture.key)
    return digits


def _architecture(digits: Sequence[int]) -> Architecture:
    """Name the architecture of some modules, padded or not."""
    return Architecture("tnb101_macro", str(_padded(digits)))


def _padded(digits: Sequence[int]) -> tuple[int, ...]:
    return (*digits, *[0] * (_PLACES - len(digits)))


def _unpadded(digits: Sequence[int]) -> tuple[int, ...]:
    kinds = tuple(digits)
    while kinds and kinds[-1] == 0:
        kinds = kinds[:-1]
    return kinds


def _is_network(kinds: tuple[int, ...]) -> bool:
    """Return whether the space holds the network of these modules."""
    return (
        len(kinds) in _LENGTHS
        and all(kind in _KINDS for kind in kinds)
        and 1 <= sum(map(widens, kinds)) <= 3
        and 1 <= sum(map(shrinks, kinds)) <= 4
    )


@cache
def _every_network() -> tuple[tuple[int, ...], ...]:
    candidates = (kinds for length in _LENGTHS for kinds in product(_KINDS, repeat=length))
    return tuple(filter(_is_network, candidates))


def _not_an_architecture(text: str) -> ZcBenchError:
    return ZcBenchError(
        f"{text!r} is not an architecture of TransNAS-Bench-101's macro space: expected four to six digits 1..4, of "
        "which one to three are even and one to four above 2, like '(1, 2, 4, 2, 0, 0)' or '64-1242-basic'."
    )


@cache
def _block_size(c_in: int, c_out: int, stride: int) -> int:
    with torch.device("meta"):
        return size(_Block(c_in, c_out, stride))


class _Block(nn.Module):
    """A residual block, with a projection where it changes width or resolution.

    The projection's batch normalisation has epsilon 1 and momentum 1: torch reads
    `BatchNorm2d(width, True, True)` in the authors' code in this way. The benchmark trained these
    networks, and published scores of zen include it.
    """

    is_cell = True  # see `zc_bench.passes.cells`

    def __init__(self, c_in: int, c_out: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(ReluConvBn(c_in, c_out, 3, stride), ReluConvBn(c_out, c_out, 3))
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or c_in != c_out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False),
                nn.BatchNorm2d(c_out, eps=1.0, momentum=1.0),
            )

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.shortcut(x) + self.body(x)
        return output


space_registry.register(TransNasBench101Macro.name, TransNasBench101Macro())
