"""Architectures that are a width and a row of layers, each with choices of its own."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zc_bench.spaces.base import Architecture, CellGraph

# A choice per field, in words.
Layer = tuple[str, ...]
Layers = tuple[Layer, ...]


@dataclass(frozen=True)
class Stack:
    """The set of these architectures. Keys are `width|layer|layer|...`, with layers like `a:b:c`.

    Attributes:
        widths: the widths.
        depths: the numbers of layers, each `step` more than the one before.
        fields: the choices of every field of a layer. A choice may itself hold colons.
    """

    widths: tuple[int, ...]
    depths: tuple[int, ...]
    fields: tuple[tuple[str, ...], ...]

    @property
    def size(self) -> int:
        """The number of keys."""
        per_layer = math.prod(map(len, self.fields))
        keys: int = len(self.widths) * sum(per_layer**depth for depth in self.depths)
        return keys

    @property
    def step(self) -> int:
        """How many layers one depth has more than the one before."""
        return self.depths[1] - self.depths[0]

    def architecture(self, space: str, width: int, layers: Sequence[Layer]) -> Architecture:
        """Name an architecture."""
        return Architecture(space, "|".join([str(width), *map(":".join, layers)]))

    def read(self, text: str) -> tuple[int, Layers] | None:
        """Read a key; None for any other text."""
        width, *layers = text.strip().split("|")
        found = tuple(map(self._layer, layers))
        if width not in map(str, self.widths) or len(found) not in self.depths:
            return None
        return None if None in found else (int(width), tuple(filter(None, found)))

    def of(self, architecture: Architecture) -> tuple[int, Layers]:
        """Return the width and the layers of an architecture of this set."""
        found = self.read(architecture.key)
        if found is None:
            message = f"{architecture.key!r} is no key of {architecture.space}"
            raise ValueError(message)
        return found

    def sample(self, space: str, generator: np.random.Generator) -> Architecture:
        """Draw width, depth and every choice of every layer uniformly."""
        width = int(generator.choice(self.widths))
        depth = int(generator.choice(self.depths))
        layers = [
            tuple(choices[generator.integers(len(choices))] for choices in self.fields)
            for _ in range(depth)
        ]
        return self.architecture(space, width, layers)

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the architectures that differ in width, in one choice of one layer, or in depth.

        Depth grows by a copy of the last `step` layers, and shrinks where they are such a copy.
        """
        width, layers = self.of(architecture)
        for other in self.widths:
            if other != width:
                yield self.architecture(architecture.space, other, layers)
        for changed in (*self._changes(layers), *self._other_depths(layers)):
            yield self.architecture(architecture.space, width, changed)

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take width, depth and every choice of every layer from either parent.

        A layer that one parent alone has is taken whole.
        """
        (width, ours), (other, theirs) = self.of(first), self.of(second)
        longer = max(ours, theirs, key=len)
        depth = len((ours, theirs)[generator.integers(2)])
        layers = [
            tuple(pair[generator.integers(2)] for pair in zip(*pairs, strict=True))
            for pairs in zip(ours, theirs, strict=False)
        ]
        layers += longer[len(layers) :]
        return self.architecture(first.space, (width, other)[generator.integers(2)], layers[:depth])

    def _layer(self, text: str) -> Layer | None:
        """Split a layer into its choices; None if one is unknown."""
        layer = []
        for choices in self.fields:
            found = next((item for item in choices if f"{text}:".startswith(f"{item}:")), None)
            if found is None:
                return None
            layer.append(found)
            text = text[len(found) + 1 :]
        return None if text or len(layer) != len(self.fields) else tuple(layer)

    def _changes(self, layers: Layers) -> Iterator[Layers]:
        for place, layer in enumerate(layers):
            for field, choices in enumerate(self.fields):
                for choice in choices:
                    if choice != layer[field]:
                        changed = (*layer[:field], choice, *layer[field + 1 :])
                        yield (*layers[:place], changed, *layers[place + 1 :])

    def _other_depths(self, layers: Layers) -> Iterator[Layers]:
        last = layers[-self.step :]
        if len(layers) < self.depths[-1]:
            yield (*layers, *last)
        if len(layers) > self.depths[0] and layers[-2 * self.step : -self.step] == last:
            yield layers[: -self.step]


def row_graph(name: str, labels: list[str]) -> CellGraph:
    """Draw operations in a row.

    Args:
        name: the name of the part.
        labels: the operations.
    """
    nodes = ("input", *labels, "output")
    return CellGraph(name, nodes, tuple((place, place + 1, "") for place in range(len(nodes) - 1)))


def from_json(text: str, write: Callable[[Any], str]) -> str:
    """Convert the JSON of a space's authors to a key.

    Args:
        text: anything.
        write: makes a key of the object that the JSON holds.

    Returns:
        The key, which need not be valid; the text itself where it is no such JSON.
    """
    if not text.lstrip().startswith("{"):
        return text
    try:
        return write(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return text
