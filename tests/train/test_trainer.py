"""One epoch against the same steps written out, and what a training is worth."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from zc_bench.errors import ZcBenchError
from zc_bench.seeding import numpy_generator, torch_seeded
from zc_bench.spaces import Architecture
from zc_bench.spaces.darts.trained import darts_network
from zc_bench.tasks import Task, task_registry
from zc_bench.train import Data, Recipe, Trainer, recipes
from zc_bench.train.batches import batches, chunks
from zc_bench.train.transforms import normalised, training_view

CPU = torch.device("cpu")


def twin_of_an_epoch(
    architecture: Architecture, task: Task, recipe: Recipe, data: Data
) -> nn.Module:
    """Train the network for the first epoch, with every formula written out.

    Nothing is left out in it.
    """
    with torch_seeded(3, "training weights", architecture.key):
        network = darts_network(architecture, task.outputs, recipe.skeleton, auxiliary=True).train()
    velocity = [torch.zeros_like(weight) for weight in network.parameters()]
    order = numpy_generator(3, "order", architecture.key, "0").permutation(len(data.places))
    view = training_view(task, recipe)
    for batch in batches(data.training, chunks(order, recipe.batch_size), view, 3, "0"):
        target = torch.full(
            (len(batch.labels), task.outputs), recipe.label_smoothing / task.outputs
        )
        target[range(len(batch.labels)), batch.labels] += 1 - recipe.label_smoothing

        def compare(logits: Tensor, target: Tensor = target) -> Tensor:
            return -(target * logits.log_softmax(1)).sum(1).mean()

        logits, auxiliary = network.with_auxiliary(batch.images)
        loss = compare(logits) + recipe.auxiliary * compare(auxiliary)
        gradients = torch.autograd.grad(loss, list(network.parameters()))
        norm = torch.sqrt(sum(gradient.square().sum() for gradient in gradients))
        scale = min(1.0, recipe.clip / float(norm))
        with torch.no_grad():
            for weight, gradient, speed in zip(
                network.parameters(), gradients, velocity, strict=True
            ):
                speed.mul_(recipe.momentum).add_(gradient * scale + recipe.weight_decay * weight)
                weight.sub_(recipe.learning_rate * speed)
    return network


@pytest.mark.parametrize(
    "changes", [{}, {"label_smoothing": 0.1, "clip": 0.5, "weight_decay": 0.1, "auxiliary": 1.0}]
)
def test_an_epoch_takes_the_steps_of_its_twin(
    architecture: Architecture, task: Task, recipe: Recipe, data: Data, changes: dict[str, float]
) -> None:
    recipe = replace(recipe, **changes)
    trainer = Trainer(architecture, task, recipe, data, 3, CPU)
    trainer.run_epoch(0, lambda: None)
    twin = twin_of_an_epoch(architecture, task, recipe, data).state_dict()
    found = trainer.network.state_dict()
    assert found.keys() == twin.keys()
    for name, expected in twin.items():
        torch.testing.assert_close(found[name].contiguous(), expected, rtol=1e-3, atol=1e-4)


def test_validation_is_of_the_network_as_it_is(
    architecture: Architecture, task: Task, recipe: Recipe, data: Data
) -> None:
    trainer = Trainer(architecture, task, recipe, data, 0, CPU)
    epoch = trainer.run_epoch(0, lambda: None)
    images = np.stack([normalised(data.validation.picture(place), task) for place in range(16)])
    labels = torch.from_numpy(data.validation.labels)
    with torch.no_grad():
        logits = trainer.network.eval()(torch.from_numpy(images))
    assert epoch.validation_loss == pytest.approx(
        nn.functional.cross_entropy(logits, labels).item(), rel=1e-4
    )
    assert epoch.validation_accuracy == 100 * (logits.argmax(1) == labels).float().mean().item()


def test_every_batch_is_counted(
    architecture: Architecture, task: Task, recipe: Recipe, data: Data
) -> None:
    ticks: list[None] = []
    trainer = Trainer(architecture, task, replace(recipe, batch_size=7), data, 0, CPU)
    trainer.run_epoch(0, lambda: ticks.append(None))
    assert len(ticks) == trainer.steps == 9 + 3  # a last training image alone is left out


def test_operations_are_left_out_in_later_epochs(
    architecture: Architecture, task: Task, recipe: Recipe, data: Data
) -> None:
    trainer = Trainer(architecture, task, recipe, data, 0, CPU)
    assert trainer.run_epoch(1, lambda: None).drop_path == trainer.network.drop_path == 0.1


def test_without_an_auxiliary_classifier_there_is_none(
    architecture: Architecture, task: Task, recipe: Recipe, data: Data
) -> None:
    trainer = Trainer(architecture, task, replace(recipe, auxiliary=0.0), data, 0, CPU)
    assert trainer.network.auxiliary is None
    assert 0 < trainer.run_epoch(0, lambda: None).training_loss < 10


def test_a_network_learns(
    architecture: Architecture, task: Task, recipe: Recipe, data: Data
) -> None:
    """To tell brightness, which has ten levels: chance is 10 %."""
    skeleton = replace(recipe.skeleton, width=4)
    recipe = replace(
        recipe, skeleton=skeleton, epochs=8, cutout=0, drop_path=0.0, learning_rate=0.1
    )
    trainer = Trainer(architecture, task, recipe, data, 0, CPU)
    epochs = [trainer.run_epoch(epoch, lambda: None) for epoch in range(recipe.epochs)]
    assert epochs[-1].training_loss < 0.75 * epochs[0].training_loss
    assert epochs[-1].training_accuracy > 30


def test_a_training_that_diverges_says_so(
    architecture: Architecture, task: Task, recipe: Recipe, data: Data
) -> None:
    trainer = Trainer(architecture, task, replace(recipe, learning_rate=1e30), data, 0, CPU)
    with pytest.raises(
        ZcBenchError, match=r"Epoch 1 ended with a loss of .* choose a smaller learning rate"
    ):
        trainer.run_epoch(0, lambda: None)


def test_one_image_is_too_few(
    architecture: Architecture, task: Task, recipe: Recipe, data: Data
) -> None:
    with pytest.raises(ZcBenchError, match="too few images to train with"):
        Trainer(architecture, task, replace(recipe, images=1), data, 0, CPU)


@pytest.mark.slow
def test_imagenet_networks_train_too(architecture: Architecture, data: Data) -> None:
    recipe = recipes["darts"]["imagenet"]
    recipe = replace(
        recipe, skeleton=replace(recipe.skeleton, width=4, cells=2), batch_size=4, images=8
    )
    task = task_registry["imagenet"]
    epoch = Trainer(architecture, task, recipe, data, 0, CPU).run_epoch(0, lambda: None)
    assert 0.9 * np.log(1000) < epoch.validation_loss < 1.2 * np.log(1000)


def test_every_epoch_draws_from_a_generator_of_its_own(
    architecture: Architecture,
    task: Task,
    recipe: Recipe,
    data: Data,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seeds: list[int] = []

    def train(_self: Trainer, _epoch: int, _tick: object) -> tuple[float, float, float]:
        seeds.append(torch.initial_seed())
        return 0.0, 0.0, 0.0

    monkeypatch.setattr(Trainer, "_train", train)
    trainer = Trainer(architecture, task, recipe, data, 0, CPU)
    for epoch in (0, 1, 1):
        trainer.run_epoch(epoch, lambda: None)
    assert seeds[0] != seeds[1] == seeds[2]
