"""Which units are active for which images, packed while the forward pass runs."""

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from zc_bench.engine.scores import InvalidScoreError
from zc_bench.kernels import pattern_count

# "relu" is what the papers count. "all" adds the modules whose output, like that of a ReLU, is above zero exactly where
# their input is: a unit has the same pattern whichever of them follows it.
Activations = Literal["relu", "all"]
ACTIVATIONS: dict[Activations, tuple[type[nn.Module], ...]] = {
    "relu": (nn.ReLU,),
    "all": (
        nn.ReLU,
        nn.ReLU6,
        nn.LeakyReLU,
        nn.PReLU,
        nn.RReLU,
        nn.ELU,
        nn.CELU,
        nn.SELU,
        nn.GELU,
        nn.SiLU,
        nn.Mish,
        nn.Hardswish,
    ),
}


@dataclass(frozen=True)
class ReluPatterns:
    """The sample-wise activation patterns of all rectified values.

    Attributes:
        words: int64 (V, W), bit n of row v is set where unit v is above zero for image n (see `pattern_count`).
        images: N.
    """

    words: Tensor
    images: int

    def expect_units(self) -> None:
        """Refuse a network without rectified values.

        Raises:
            InvalidScoreError: if V = 0.
        """
        if not len(self.words):
            message = (
                "the network has no nn.ReLU that sees the batch (nor, where activations are 'all', a module like it), "
                "so it has no activation patterns"
            )
            raise InvalidScoreError(message)


class PatternRecorder:
    """Packs the output of every activation as it appears, so that none is kept for it.

    Every call counts its own units: a layer that runs nine times produces nine times its units.
    """

    def __init__(self, images: int) -> None:
        self._images = images
        self._words: list[Tensor] = []

    def __call__(self, _module: nn.Module, _inputs: tuple[Any, ...], output: Tensor) -> None:
        """Hook: pack one layer's output (N, ...)."""
        if output.shape[:1] == (self._images,):
            self._words.append(pattern_count.pack(output.detach()))

    def patterns(self) -> ReluPatterns:
        """Hand over what was recorded; V = 0 if no activation gave an output for the batch."""
        # Layer by layer, each let go once it is copied: `torch.cat` would hold all words twice.
        shape = sum(map(len, self._words)), -(-self._images // pattern_count.WORD)
        words = torch.empty(
            shape, dtype=torch.int64, device=self._words[0].device if self._words else None
        )
        end = len(words)
        while self._words:
            layer = self._words.pop()
            words[end - len(layer) : end] = layer
            end -= len(layer)
        return ReluPatterns(words, self._images)
