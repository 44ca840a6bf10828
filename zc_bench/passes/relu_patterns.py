"""Which units are active for which images, packed while the forward pass runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.kernels import pattern_count
from zc_bench.passes.activations import Activations, activation
from zc_bench.passes.operations import Operations, hidden_part, only_modules
from zc_bench.passes.running import first_images, hooked, run
from zc_bench.passes.trial_inputs import TrialInputs

# The activations among the modules that `only_modules` accepts.
_RECTIFIERS: dict[Activations, tuple[type[nn.Module], ...]] = {
    "relu": (nn.ReLU,),
    "all": (nn.ReLU, nn.LeakyReLU),
}


@dataclass(frozen=True)
class ReluPatterns:
    """The sample-wise activation patterns of all rectified values.

    Attributes:
        words: int64 (V, W), bit n of row v is set where unit v is above zero for image n (see
            `pattern_count`).
        images: N.
        unseen: why some patterns may be missing; empty where none are.
    """

    words: Tensor
    images: int
    unseen: str = ""

    def expect_units(self) -> None:
        """Refuse a network without rectified values, or with some that could not be seen.

        Raises:
            UndefinedScoreError: if some may be missing.
            InvalidScoreError: if V = 0.
        """
        if self.unseen:
            raise UndefinedScoreError(self.unseen)
        if not len(self.words):
            message = (
                "the network has no nn.ReLU, and calls no function like it, on the batch (nor, where "
                "activations are 'all', another activation), so it has no activation patterns"
            )
            raise InvalidScoreError(message)


class PatternRecorder:
    """Packs the output of every activation as it appears, so that none is kept for it.

    Every call counts its own units: a layer that runs nine times produces nine times its units.
    """

    def __init__(self, images: int) -> None:
        self._images = images
        self._words: list[Tensor] = []
        self.shapes: list[torch.Size] = []
        self.unseen = ""

    def __call__(self, output: Tensor) -> None:
        """Pack what one activation gave, (N, ...)."""
        self.shapes.append(output.shape)
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
        return ReluPatterns(words, self._images, self.unseen)


@contextmanager
def recorded(trial: TrialInputs, recorder: PatternRecorder) -> Iterator[None]:
    """Record the patterns of a run of the trial's network on its images, while the block lasts.

    Args:
        trial: whose network runs, once.
        recorder: what takes the patterns, and the reason why some may be missing.
    """
    if only_modules(trial.network):
        rectifiers = [
            item
            for item in trial.network.modules()
            if isinstance(item, _RECTIFIERS[trial.activations])
        ]
        with hooked(rectifiers, lambda _module, _inputs, output: recorder(output)):
            yield
    elif reason := hidden_part(trial.network):
        recorder.unseen = reason
        yield
    else:
        seen = _Activations(trial.activations, recorder)
        with seen:
            yield
        recorder.unseen = seen.unseen or _misplaced(trial, recorder.shapes)


class _Activations(Operations):
    """Hands over the output of every activation of a kind."""

    def __init__(self, kind: Activations, take: Callable[[Tensor], None]) -> None:
        super().__init__()
        self._kind, self._take = kind, take

    def after(self, name: str, args: tuple[Any, ...], output: Any, /) -> None:
        """Hand over what an activation gave."""
        if name in ("_cudnn_rnn", "miopen_rnn") and args[6] == 0:
            self.unseen = "the ReLU of nn.RNN cannot be observed on a GPU"
        if not isinstance(output, Tensor) or not output.is_floating_point():
            return
        kind = activation(name, args)
        if kind == "relu" or kind == self._kind:
            self._take(output)


def _misplaced(trial: TrialInputs, shapes: list[torch.Size]) -> str:
    """Say which activation has units for the images, but not the images as its rows.

    The shapes show it, unless another size equals the number of images: those of a batch of another
    size decide then.
    """
    images = len(trial.images)
    if all(shape[:1] == (images,) and images not in shape[1:] for shape in shapes):
        return ""
    other, again = 3 if images == 2 else 2, list[torch.Size]()
    try:
        with (
            torch.inference_mode(),
            _Activations(trial.activations, lambda output: again.append(output.shape)),
        ):
            run(trial, first_images(trial, other))
    except Exception as error:  # noqa: BLE001 - any network may refuse another batch with any error
        return (
            f"its activations cannot be told apart, as it does not run on {other} images: {error}"
        )
    if len(again) != len(shapes):
        return "the network applies other activations to other batches"
    for shape, second in zip(shapes, again, strict=True):
        rows = shape[:1] == (images,), second[:1] == (other,)
        if rows[0] != rows[1] or not (rows[0] or shape == second):
            return (
                "the images are not the first dimension of what an activation produces, "
                f"{tuple(shape)}"
            )
    return ""
