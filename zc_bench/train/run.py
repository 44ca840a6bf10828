"""A training in a folder from which it can continue."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from zc_bench._internal.files import explaining, replacing
from zc_bench.spaces import Architecture
from zc_bench.tasks import task_registry
from zc_bench.train import checkpoint
from zc_bench.train.data import Data
from zc_bench.train.recipe import Recipe
from zc_bench.train.trainer import Epoch, Trainer

Tick = Callable[[int, int], None]

CHECKPOINT, LOG = "checkpoint.pt", "log.csv"


@dataclass(frozen=True)
class Plan:
    """The specification of a training.

    Attributes:
        architecture: an architecture of the space `darts`.
        task: the task, by name.
        recipe: the settings.
        seed: the seed of weights, order and views.
    """

    architecture: Architecture
    task: str
    recipe: Recipe
    seed: int = 0

    def identity(self, data: Data) -> dict[str, Any]:
        """Return all that the trained network depends on, up to rounding."""
        return {
            "architecture": self.architecture.key,
            "task": self.task,
            **asdict(self.recipe),
            "seed": self.seed,
            "images": [
                data.training.digest,
                data.validation.digest,
                len(data.places),
                len(data.validation_places),
            ],
        }


def train(
    plan: Plan,
    data: Data,
    device: torch.device,
    folder: Path,
    *,
    tick: Tick = lambda _done, _total: None,
) -> Iterator[Epoch]:
    """Train a network, from the last whole epoch in the folder if there is one.

    Args:
        plan: the specification.
        data: images of its task.
        device: the device.
        folder: the folder of checkpoint and log, which are written after every epoch.
        tick: a function that is called after every batch with the numbers of done and of all
            batches.

    Yields:
        Every epoch, those of the checkpoint first.

    Raises:
        ZcBenchError: if the folder belongs to another training, or the training fails.
    """
    identity = plan.identity(data)
    trainer = Trainer(
        plan.architecture, task_registry[plan.task], plan.recipe, data, plan.seed, device
    )
    epochs: list[Epoch] = []
    if (state := checkpoint.load(folder / CHECKPOINT, identity, device)) is not None:
        trainer.restore(state)
        epochs += [Epoch(**row) for row in state["epochs"]]
    total = plan.recipe.epochs * trainer.steps
    done = count(len(epochs) * trainer.steps + 1)
    yield from tuple(epochs)
    for number in range(len(epochs), plan.recipe.epochs):
        epochs.append(trainer.run_epoch(number, lambda: tick(next(done), total)))
        checkpoint.save(
            folder / CHECKPOINT, identity, {**trainer.state(), "epochs": list(map(asdict, epochs))}
        )
        with explaining(folder), replacing(folder / LOG) as path:
            log(epochs).to_csv(path, index=False)
        yield epochs[-1]


def log(epochs: Sequence[Epoch]) -> pd.DataFrame:
    """Return one row per epoch, a column for each attribute."""
    return pd.DataFrame(map(asdict, epochs), columns=[field.name for field in fields(Epoch)])
