"""The trial: what every pass starts from."""

from dataclasses import dataclass

from torch import Tensor, nn

from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.images import Batch
from zc_bench.passes.activations import Activations
from zc_bench.tasks import Loss


@dataclass(frozen=True)
class TrialInputs:
    """A network with its batch, ready to be result.

    Attributes:
        network: in training mode, so that batch normalisation uses the statistics of the batch.
        images: float (N, C, H, W), or whatever the network takes.
        labels: (N,) classes, or None where there are none.
        loss: maps outputs and labels to the mean loss over the batch.
        seed: names the generators of passes that draw, and of networks that do (dropout).
        second: a second batch, for passes that compare two; None where there is none.
        activations: which modules have units with patterns.
    """

    network: nn.Module
    images: Tensor
    labels: Tensor | None
    loss: Loss
    seed: int
    second: Batch | None = None
    activations: Activations = "relu"

    def expect_images(self, need: str) -> None:
        """Refuse inputs that are integers, such as the tokens of a text.

        Args:
            need: what is asked of the inputs, in words.

        Raises:
            UndefinedScoreError: if they are integers.
        """
        if not self.images.is_floating_point():
            message = f"{need}, and the inputs of this network are integers"
            raise UndefinedScoreError(message)
