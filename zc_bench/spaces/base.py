"""The interface of search spaces."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from torch import nn

from zc_bench.registry import Registry
from zc_bench.tasks import Task


@dataclass(frozen=True, order=True)
class Architecture:
    """One point of a search space.

    Attributes:
        space: the name of its space.
        key: its canonical string, NAS-Bench-Suite-Zero's encoding.
    """

    space: str
    key: str

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True)
class CellGraph:
    """A part of a network as a directed graph, for drawings and encodings.

    Attributes:
        name: the name of the part: "cell", "normal cell", "reduction cell", "network".
        nodes: labels, in topological order: "input", "output", a number, or an operation.
        edges: source, target and label; the label is the operation, or empty where nodes carry the
            operations.
    """

    name: str
    nodes: tuple[str, ...]
    edges: tuple[tuple[int, int, str], ...]


class SearchSpace(Protocol):
    """A set of architectures that can be named, drawn, varied and built.

    Attributes:
        name: what users type.
        tasks: the names of the tasks for which networks exist.
        size: the number of distinct keys.
    """

    name: str
    tasks: tuple[str, ...]
    size: int

    def parse(self, text: str) -> Architecture:
        """Read an architecture from its canonical key or its native string.

        Raises:
            ZcBenchError: if the text names no architecture of this space.
        """

    def native(self, architecture: Architecture) -> str:
        """Write an architecture in the native form of the space's authors."""

    def canonical(self, architecture: Architecture) -> str:
        """Name the function class of the networks of an architecture.

        Architectures have the same name if they differ only in the order of nodes or terms, or in
        parts that do not reach the output. The name need not be a key.
        """

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return an architecture's cells as graphs."""

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw an architecture as the authors of the space do, or else uniformly."""

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield every architecture that differs in one choice."""

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Draw every choice of an architecture from either parent, with probability one half."""

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Return the number of parameters of the network, without building it."""

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the network of the benchmark, with new weights from torch's global generator."""


def activations_of(space: SearchSpace) -> Literal["relu", "all"]:
    """Return which operations of the networks of a space have activation patterns.

    Args:
        space: a space. Where its networks have GELU or the like, its attribute `activations` is
            "all"; without the attribute, ReLU counts alone.

    Examples:
        >>> from zc_bench.spaces import activations_of, space_registry
        >>> activations_of(space_registry["nb201"]), activations_of(space_registry["flexibert"])
        ('relu', 'all')
    """
    declared: Literal["relu", "all"] = getattr(space, "activations", "relu")
    return declared


space_registry: Registry[SearchSpace] = Registry("search space")
