"""FlexiBERT: encoders of texts, 500 of them pre-trained and tuned (Serianni & Kalita 2023, arXiv:2306.00288).

Three spaces have the same 10,621,440 architectures and the same ground truth, and build other
networks:

- `flexibert` builds what an architecture names, in its own widths.
- `flexibert_256` builds every network with width 256 and inner width 1024, as the published script
  of the zero-cost proxies does. Its parameters are the published ones.
- `flexibert_trained` builds what the published training code builds: self-attention in every layer,
  whatever the architecture names, and a first inner width of 1024.
"""

import json
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from torch import nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.base import Architecture, CellGraph, space_registry
from zc_bench.spaces.transformers.encoder import Encoder, EncoderLayer, Form, encoder_size
from zc_bench.spaces.transformers.stack import Stack, from_json, row_graph
from zc_bench.tasks import Task

KINDS = ("SA:SDP", "SA:WMA", "LT:DFT", "LT:DCT", "DSC:5", "DSC:9")
_STACK = Stack((128, 256), (2, 4), (KINDS, ("2", "4"), ("512", "1024"), ("1", "3")))
_FIELDS = (
    "operation_type",
    "operation_parameter",
    "num_operation_heads",
    "feed_forward_dimension",
    "num_feed_forward",
)


class FlexiBert:
    """A FlexiBERT search space, as the authors of the 500 trained networks delimit it.

    An encoder has two or four layers and a width of 128 or 256. A layer mixes tokens by
    self-attention (`SA`, with scaled dot products `SDP` or weighted ones `WMA`), a linear transform
    (`LT`, Fourier `DFT` or cosine `DCT`) or span-based dynamic convolution (`DSC`, kernel 5 or 9),
    with two or four heads. Its feed-forward part has the inner width 512 or 1024, and one or three
    Linear layers before the one that leads back. A key is `256|SA:WMA:4:1024:3|LT:DCT:2:512:3`: the
    width, then kind, parameter, heads, inner width and number of Linear layers of every layer. The
    native string is the JSON of the authors.

    Attributes:
        name: what users type.
        form: what networks take from their architectures.
        tasks: the names of the tasks.
        size: the number of distinct keys.
        activations: the operations that have activation patterns: GELU.
    """

    tasks: tuple[str, ...] = ("glue",)
    size = _STACK.size
    activations: Literal["all"] = "all"

    def __init__(self, name: str, form: Form) -> None:
        self.name = name
        self.form = form

    def parse(self, text: str) -> Architecture:
        """Read `256|SA:WMA:4:1024:3|LT:DCT:2:512:3` or the JSON of the authors.

        Raises:
            ZcBenchError: if the text is neither.
        """
        found = _STACK.read(from_json(text, _key))
        if found is None:
            message = (
                f"{text[:80]!r} is not a FlexiBERT architecture: expected a width of 128 or 256 and two or four layers "
                "like '256|SA:WMA:4:1024:3|LT:DCT:2:512:3', each with kind and parameter "
                f"({', '.join(KINDS)}), 2 or 4 heads, inner width 512 or 1024, 1 or 3 Linear layers."
            )
            raise ZcBenchError(message)
        return _STACK.architecture(self.name, *found)

    def native(self, architecture: Architecture) -> str:
        """Write the JSON of the authors."""
        width, layers = _STACK.of(architecture)
        words = [":".join(layer).split(":") for layer in layers]
        named = [dict(zip(_FIELDS, map(_number, layer), strict=True)) for layer in words]
        return json.dumps({"hidden_size": width, "nas_config": {"encoder_layers": named}})

    def canonical(self, architecture: Architecture) -> str:
        """Write what the networks take from the architecture, in the form of a key."""
        width, layers = layers_of(architecture)
        used = (self.form.used(layer) for layer in layers)
        words = (f"{one.kind}:{one.heads}:{one.inner}:{one.stack}" for one in used)
        return "|".join([str(self.form.width or width), *words])

    def graphs(self, architecture: Architecture) -> tuple[CellGraph, ...]:
        """Return the encoder as a row of operations; residual connections are left out."""
        width, layers = layers_of(architecture)
        inner = [
            (
                f"{layer.kind} {layer.heads} heads",
                f"feed-forward {layer.inner} x {layer.stack}",
            )
            for layer in layers
        ]
        labels = [label for pair in inner for label in pair]
        return (row_graph(f"encoder of width {width}", labels),)

    def sample(self, generator: np.random.Generator) -> Architecture:
        """Draw width, depth and every choice of every layer uniformly, as the authors do."""
        return _STACK.sample(self.name, generator)

    def neighbours(self, architecture: Architecture) -> Iterator[Architecture]:
        """Yield the architectures that differ in width, in one choice of a layer, or in depth.

        Two layers become four by repetition; four become two where the last two repeat the first.
        """
        return _STACK.neighbours(architecture)

    def crossover(
        self, first: Architecture, second: Architecture, generator: np.random.Generator
    ) -> Architecture:
        """Take width, depth and every choice of every layer from either parent."""
        return _STACK.crossover(first, second, generator)

    def parameters(self, architecture: Architecture, task: Task) -> int:  # noqa: ARG002 - no head
        """Add up the parameters of the embeddings and of the layers; there is no head."""
        return encoder_size(*layers_of(architecture), self.form)

    def build(self, architecture: Architecture, task: Task) -> nn.Module:  # noqa: ARG002 - no head
        """Build the encoder, without head and without dropout."""
        return Encoder(*layers_of(architecture), self.form)


def layers_of(architecture: Architecture) -> tuple[int, tuple[EncoderLayer, ...]]:
    """Return the width that an architecture names, and its layers."""
    width, layers = _STACK.of(architecture)
    return width, tuple(
        EncoderLayer(kind, int(heads), int(inner), int(stack))
        for kind, heads, inner, stack in layers
    )


def _key(said: Any) -> str:
    layers = said["nas_config"]["encoder_layers"]
    words = (":".join(str(layer[field]) for field in _FIELDS) for layer in layers)
    return "|".join([str(said["hidden_size"]), *words])


def _number(word: str) -> str | int:
    return int(word) if word.isdigit() else word


for _space in (
    FlexiBert("flexibert", Form()),
    FlexiBert("flexibert_256", Form(width=256, inner=1024)),
    FlexiBert("flexibert_trained", Form(attention_alone=True)),
):
    space_registry.register(_space.name, _space)
