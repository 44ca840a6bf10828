"""AutoFormer-Ti: vision transformers, 200 of them trained (Wei et al. 2024, Auto-Prox, arXiv:2312.09059).

The networks are those of the authors of the ground truth. Unlike those of the first AutoFormer
(Chen et al. 2021, arXiv:2107.00651), their heads divide the width among them.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.base import Architecture, CellGraph, space_registry
from zc_bench.spaces.blocks import size
from zc_bench.spaces.transformers.stack import Stack, from_json, row_graph
from zc_bench.spaces.transformers.vit import AutoFormer, Block, Stage
from zc_bench.tasks import Task

_STACK = Stack((192, 216, 240), (12, 13, 14), (("3", "4"), ("3.5", "4.0")))
_PER_ROW = 5  # layers of a drawing


class AutoFormerTi:
    """The search space of AutoFormer-Ti.

    A network has 12 to 14 blocks of one width, 192, 216 or 240. A block has three or four heads and
    an inner width of 3.5 or 4 times the width. A key is `240|3:4.0|4:3.5|...`: the width, then heads
    and ratio of every block. The native string is the JSON of the authors.
    """

    name = "autoformer_ti"
    tasks: tuple[str, ...] = ("cifar100-224", "flowers", "chaoyang", "imagenet")
    size = _STACK.size
    activations: Literal["all"] = "all"

    def parse(self, text: str) -> Architecture:
        """Read `240|3:4.0|4:3.5|...` or the JSON of the authors.

        Raises:
            ZcBenchError: if the text is neither.
        """
        found = _STACK.read(from_json(text, _key))
        if found is None:
            message = (
                f"{text[:80]!r} is not an AutoFormer-Ti architecture: expected a width of 192, 216 or 240 and 12 to 14 "
                "blocks like '240|3:4.0|4:3.5|...', each with 3 or 4 heads and the ratio 3.5 or 4.0, or the authors' "
                "JSON with hidden_dim, mlp_ratio, depth and num_heads."
            )
            raise ZcBenchError(message)
        return _STACK.architecture(self.name, *found)

    def native(self, architecture: Architecture) -> str:
        """Write the JSON of the authors."""
        width, heads, ratios = _stage(architecture)
        said = {"hidden_dim": width, "mlp_ratio": ratios, "depth": len(heads), "num_heads": heads}
        return json.dumps(said)

    def canonical(self, architecture: Architecture) -> str:
        """Return the key, because all networks differ."""
        return architecture.key

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the blocks in rows; residual connections are left out."""
        width, heads, ratios = _stage(architecture)
        labels = [f"{head} heads x {ratio}" for head, ratio in zip(heads, ratios, strict=True)]
        rows = [labels[start : start + _PER_ROW] for start in range(0, len(labels), _PER_ROW)]
        first = range(1, len(labels) + 1, _PER_ROW)
        return tuple(
            row_graph(f"blocks {start} to {start + len(row) - 1} of width {width}", row)
            for start, row in zip(first, rows, strict=True)
        )

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw width, depth and every choice of every block uniformly, as the authors do."""
        return _STACK.sample(self.name, generator)

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the architectures that differ in width, in one choice of a block, or in depth.

        A block more is a copy of the last one; one less where the last two are equal.
        """
        return _STACK.neighbours(architecture)

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take width, depth and every choice of every block from either parent."""
        return _STACK.crossover(first, second, generator)

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Add up the parameters of the blocks and of the rest."""
        stage = _stage(architecture)
        blocks = zip(stage.heads, stage.ratios, strict=True)
        rest = _empty_size(stage.width, task.outputs, task.image_size)
        return rest + sum(block_size(stage.width, *block) for block in blocks)

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the network, without stochastic depth."""
        return AutoFormer(_stage(architecture), task.outputs, task.image_size)


def _stage(architecture: Architecture) -> Stage:
    width, layers = _STACK.of(architecture)
    heads, ratios = zip(*layers, strict=True)
    return Stage(width, tuple(map(int, heads)), tuple(map(float, ratios)))


def _key(said: Any) -> str:
    blocks = zip(said["num_heads"], said["mlp_ratio"], strict=True)
    layers = [f"{heads}:{float(ratio)}" for heads, ratio in blocks]
    return "|".join([str(said["hidden_dim"]), *layers]) if said["depth"] == len(layers) else ""


@cache
def block_size(width: int, heads: int, ratio: float) -> int:
    """Count the parameters of a block."""
    with torch.device("meta"):
        return size(Block(width, heads, ratio))


@cache
def _empty_size(width: int, outputs: int, image_size: int) -> int:
    with torch.device("meta"):
        return size(AutoFormer(Stage(width, (), ()), outputs, image_size))


space_registry.register(AutoFormerTi.name, AutoFormerTi())
