"""A network in training, epoch by epoch."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zc_bench.errors import ZcBenchError
from zc_bench.seeding import numpy_generator, torch_seeded
from zc_bench.spaces import Architecture
from zc_bench.spaces.darts.trained import darts_network
from zc_bench.tasks import Task
from zc_bench.train.batches import batches, chunks
from zc_bench.train.data import Data
from zc_bench.train.metrics import Tally
from zc_bench.train.recipe import Recipe
from zc_bench.train.transforms import training_view, validation_view


@dataclass(frozen=True)
class Epoch:
    """The results of an epoch; accuracies are in percent.

    Attributes:
        epoch: its number, from 1 up.
        learning_rate: its learning rate.
        drop_path: its drop-path probability.
        training_loss: the minimised loss, including that of the auxiliary classifier.
        training_accuracy: the accuracy during the training steps.
        validation_loss: cross-entropy.
        validation_accuracy: the accuracy after the epoch.
        validation_top5: the top-5 accuracy after the epoch.
        seconds: the time of the epoch.
    """

    epoch: int
    learning_rate: float
    drop_path: float
    training_loss: float
    training_accuracy: float
    validation_loss: float
    validation_accuracy: float
    validation_top5: float
    seconds: float


class Trainer:
    """A network, its optimiser and its images.

    All draws of an epoch come from generators named by the seed, the architecture and the epoch. So
    a training that continues from a state ends like an uninterrupted one, to the bit on a CPU.

    Args:
        architecture: an architecture of the space `darts`.
        task: a task of classes.
        recipe: the settings.
        data: images of the task.
        seed: the seed of weights, order and views.
        device: the device of the network; a GPU runs in mixed precision.
    """

    def __init__(
        self,
        architecture: Architecture,
        task: Task,
        recipe: Recipe,
        data: Data,
        seed: int,
        device: torch.device,
    ) -> None:
        self._architecture, self._task, self._recipe, self._seed = architecture, task, recipe, seed
        self._device = device
        self._data = data.limited(recipe.images, seed)
        if not chunks(self._data.places, recipe.batch_size) or not len(
            self._data.validation_places
        ):
            message = (
                f"{data.training.source}: too few images to train with: give two or more, and some "
                "to validate."
            )
            raise ZcBenchError(message)
        with torch_seeded(seed, "training weights", architecture.key):
            network = darts_network(
                architecture, task.outputs, recipe.skeleton, auxiliary=recipe.auxiliary > 0
            )
        # On a CPU, the gradient of a channels-last 1x1 convolution with stride 2 and fewer than
        # eight outputs corrupts memory (torch 2.13), so narrow networks crash.
        self._layout = torch.channels_last if device.type == "cuda" else torch.contiguous_format
        self.network = network.to(device).to(memory_format=self._layout)  # type: ignore[call-overload]
        self._optimizer = torch.optim.SGD(
            self.network.parameters(),
            recipe.learning_rate,
            recipe.momentum,
            weight_decay=recipe.weight_decay,
        )
        self._mixed = device.type == "cuda"
        self._scaler = torch.amp.GradScaler(device.type, enabled=self._mixed)

    @property
    def steps(self) -> int:
        """Batches per epoch, for training and for validation."""
        size = self._recipe.batch_size
        return len(chunks(self._data.places, size)) + -(-len(self._data.validation_places) // size)

    def state(self) -> dict[str, Any]:
        """Return all that later epochs depend on."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "scaler": self._scaler.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Restore a state."""
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        # It is empty if the state comes from a CPU.
        if self._mixed and state["scaler"]:
            self._scaler.load_state_dict(state["scaler"])

    def run_epoch(self, epoch: int, tick: Callable[[], None]) -> Epoch:
        """Train for one epoch, then validate.

        Args:
            epoch: its number, from 0 up.
            tick: a function that is called after every batch.

        Raises:
            ZcBenchError: if the loss is not finite.
        """
        start = time.perf_counter()
        rate, drop_path = self._recipe.learning_rate_in(epoch), self._recipe.drop_path_in(epoch)
        self._optimizer.param_groups[0]["lr"] = rate
        self.network.drop_path = drop_path
        with torch_seeded(
            self._seed, "epoch", self._architecture.key, str(epoch), device=self._device
        ):
            loss, accuracy, _ = self._train(epoch, tick)
        validation = self._validate(tick)
        # The validation loss is checked too: the last step may have made the weights infinite.
        if not math.isfinite(loss + validation[0]):
            message = (
                f"Epoch {epoch + 1} ended with a loss of {loss:g} in training and {validation[0]:g} in validation: "
                "the epochs before it are kept; choose a smaller learning rate."
            )
            raise ZcBenchError(message)
        return Epoch(
            epoch + 1, rate, drop_path, loss, accuracy, *validation, time.perf_counter() - start
        )

    def _train(self, epoch: int, tick: Callable[[], None]) -> tuple[float, float, float]:
        self.network.train()
        tally = Tally(self._device)
        order = numpy_generator(
            self._seed, "order", self._architecture.key, str(epoch)
        ).permutation(self._data.places)
        parts = chunks(order, self._recipe.batch_size)
        view = training_view(self._task, self._recipe)
        for batch in batches(self._data.training, parts, view, self._seed, str(epoch)):
            images, labels = self._placed(batch.images), batch.targets.to(self._device)
            with torch.autocast(self._device.type, enabled=self._mixed):
                logits, loss = self._objective(images, labels)
            self._step(loss)
            tally.add(loss, logits, labels)
            tick()
        return tally.means()

    def _objective(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits and the minimised loss."""

        def compare(logits: Tensor) -> Tensor:
            return nn.functional.cross_entropy(
                logits, labels, label_smoothing=self._recipe.label_smoothing
            )

        if not self._recipe.auxiliary:
            logits: Tensor = self.network(images)
            return logits, compare(logits)
        logits, auxiliary = self.network.with_auxiliary(images)
        return logits, compare(logits) + self._recipe.auxiliary * compare(auxiliary)

    def _step(self, loss: Tensor) -> None:
        self._optimizer.zero_grad()
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        self._scaler.unscale_(self._optimizer)
        nn.utils.clip_grad_norm_(self.network.parameters(), self._recipe.clip)
        self._scaler.step(self._optimizer)
        self._scaler.update()

    @torch.inference_mode()
    def _validate(self, tick: Callable[[], None]) -> tuple[float, float, float]:
        self.network.eval()
        tally = Tally(self._device)
        places, size = self._data.validation_places, self._recipe.batch_size
        parts = [places[start : start + size] for start in range(0, len(places), size)]
        for batch in batches(
            self._data.validation, parts, validation_view(self._task), self._seed, "validation"
        ):
            images, labels = self._placed(batch.images), batch.targets.to(self._device)
            with torch.autocast(self._device.type, enabled=self._mixed):
                logits = self.network(images)
                loss = nn.functional.cross_entropy(logits, labels)
            tally.add(loss, logits, labels)
            tick()
        return tally.means()

    def _placed(self, images: Tensor) -> Tensor:
        return images.to(self._device, memory_format=self._layout)
