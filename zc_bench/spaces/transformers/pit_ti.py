"""PiT-Ti: vision transformers with poolings, 100 of them trained (Wei et al. 2024, Auto-Prox, arXiv:2312.09059).

PiT is by Heo et al. 2021, arXiv:2103.16302.
"""

import json
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.base import Architecture, CellGraph, space_registry
from zc_bench.spaces.blocks import size
from zc_bench.spaces.transformers.autoformer_ti import block_size
from zc_bench.spaces.transformers.stack import from_json, row_graph
from zc_bench.spaces.transformers.vit import PoolingTransformer, Stage
from zc_bench.tasks import Task

_BLOCKS = range(12, 15)
_CHOICES: tuple[tuple[str, ...], ...] = (
    ("16", "24", "32", "40"),
    ("2", "4", "6", "8"),
    tuple(
        ":".join(map(str, depths))
        for depths in product((1, 2, 3), (4, 6, 8), (2, 4, 6))
        if sum(depths) in _BLOCKS
    ),
    tuple(
        ":".join(map(str, heads))
        for heads in product((2, 4, 8), repeat=3)
        if all(before <= after for before, after in pairwise(heads))
    ),
)


class PitTi:
    """The search space of PiT-Ti, as the trained networks delimit it.

    A network has three stages. Its choices are the width of a head (16 to 40), the inner width of
    all blocks in multiples of theirs (2 to 8), the blocks of the stages, and their heads. The
    configuration of the authors allows other numbers of blocks and heads; their 100 networks have
    12 to 14 blocks, and heads that never become fewer, in all ten combinations that there are of
    either. A key is `40|6|2:6:4|2:2:8`. The native string is the JSON of the authors.
    """

    name = "pit_ti"
    tasks: tuple[str, ...] = ("cifar100-224", "flowers", "chaoyang")
    size = 4 * 4 * 10 * 10
    activations: Literal["all"] = "all"

    def parse(self, text: str) -> Architecture:
        """Read `40|6|2:6:4|2:2:8` or the JSON of the authors.

        Raises:
            ZcBenchError: if the text is neither.
        """
        words = tuple(from_json(text, _key).strip().split("|"))
        if len(words) != len(_CHOICES) or not all(
            word in choices for word, choices in zip(words, _CHOICES, strict=True)
        ):
            message = (
                f"{text[:80]!r} is not a PiT-Ti architecture: expected '40|6|2:6:4|2:2:8', the width of a head (16, "
                "24, 32, 40), the ratio (2, 4, 6, 8), the blocks of three stages (12 to 14 together), their "
                "heads (2, 4 or 8, never fewer than before), or the authors' JSON with base_dim, mlp_ratio, depth "
                "and num_heads."
            )
            raise ZcBenchError(message)
        return self._named(words)

    def native(self, architecture: Architecture) -> str:
        """Write the JSON of the authors."""
        base, ratio, depths, heads = _numbers(architecture)
        said = {"base_dim": base[0], "mlp_ratio": ratio[0], "depth": depths, "num_heads": heads}
        return json.dumps(said)

    def canonical(self, architecture: Architecture) -> str:
        """Return the key, because all networks differ."""
        return architecture.key

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the blocks of every stage; residual connections are left out."""
        *_, heads = _numbers(architecture)
        return tuple(
            row_graph(
                f"stage {place}: width {stage.width}, {head} heads",
                [f"block x {ratio:g}" for ratio in stage.ratios],
            )
            for place, (stage, head) in enumerate(zip(_stages(architecture), heads, strict=True), 1)
        )

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw uniformly from all 1,600 architectures."""
        return self._named(tuple(choices[generator.integers(len(choices))] for choices in _CHOICES))

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the 24 architectures that differ in one of the four choices."""
        words = _words(architecture)
        for place, choices in enumerate(_CHOICES):
            for choice in choices:
                if choice != words[place]:
                    yield self._named((*words[:place], choice, *words[place + 1 :]))

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take each of the four choices from either parent."""
        pairs = zip(_words(first), _words(second), strict=True)
        return self._named(tuple(pair[generator.integers(2)] for pair in pairs))

    def parameters(self, architecture: Architecture, task: Task) -> int:
        """Add up the parameters of the blocks and of the rest."""
        stages = _stages(architecture)
        blocks = sum(
            block_size(stage.width, *block)
            for stage in stages
            for block in zip(stage.heads, stage.ratios, strict=True)
        )
        widths = tuple(stage.width for stage in stages)
        return blocks + _empty_size(widths, task.outputs, task.image_size)

    def build(self, architecture: Architecture, task: Task) -> nn.Module:
        """Build the network, without stochastic depth."""
        return PoolingTransformer(_stages(architecture), task.outputs, task.image_size)

    def _named(self, words: tuple[str, ...]) -> Architecture:
        return Architecture(self.name, "|".join(words))


def _words(architecture: Architecture) -> tuple[str, ...]:
    return tuple(architecture.key.split("|"))


def _numbers(architecture: Architecture) -> list[list[int]]:
    return [[int(number) for number in word.split(":")] for word in _words(architecture)]


def _stages(architecture: Architecture) -> tuple[Stage, ...]:
    (base,), (ratio,), depths, heads = _numbers(architecture)
    return tuple(
        Stage(base * head, (head,) * depth, (float(ratio),) * depth)
        for depth, head in zip(depths, heads, strict=True)
    )


def _key(said: Any) -> str:
    triples = (":".join(map(str, said[name])) for name in ("depth", "num_heads"))
    return "|".join([str(said["base_dim"]), str(said["mlp_ratio"]), *triples])


@cache
def _empty_size(widths: tuple[int, ...], outputs: int, image_size: int) -> int:
    stages = [Stage(width, (), ()) for width in widths]
    with torch.device("meta"):
        return size(PoolingTransformer(stages, outputs, image_size))


space_registry.register(PitTi.name, PitTi())
