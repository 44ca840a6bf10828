"""The trial: the input of every pass."""

from dataclasses import dataclass

from torch import Tensor, nn

from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.images import Batch
from zc_bench.passes.activations import Activations
from zc_bench.tasks import Loss


@dataclass(frozen=True)
class TrialInputs:
    """A network with its batch.

    Attributes:
        network: in training mode, so batch normalisation uses the statistics of the batch.
        images: float (N, C, H, W), or any other input of the network, with N first.
        labels: the labels in the form of the task, for instance int64 (N,) classes; or None.
        loss: the function from outputs and labels to the mean loss of the batch.
        seed: names the generators of passes and of networks that draw, for instance dropout.
        second: a second batch, for `batch_gradients`; or None.
        activations: the modules whose outputs have activation patterns.
    """

    network: nn.Module
    images: Tensor
    labels: Tensor | None
    loss: Loss
    seed: int
    second: Batch | None = None
    activations: Activations = "relu"

    def expect_images(self, need: str) -> None:
        """Refuse integer inputs, such as the tokens of a text.

        Args:
            need: the beginning of the message: what the pass does with the inputs.

        Raises:
            UndefinedScoreError: if the inputs are integers.
        """
        if not self.images.is_floating_point():
            message = f"{need}, and the inputs of this network are integers"
            raise UndefinedScoreError(message)
