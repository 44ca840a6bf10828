"""Small trials for the checks: an ordinary one, and edge cases of definitions."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from zc_bench.engine.declare import Part
from zc_bench.images import Batch
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.seeding import torch_seeded
from zc_bench.tasks import Loss

CLASSES = 3
REGULARISATION = Regularisation(mu=0.001, sigma=0.5)


def ordinary_trial(
    *extra: nn.Module,
    dropout: float = 0.2,
    images: int = 8,
    size: int = 6,
    dtype: torch.dtype = torch.float32,
    loss: Loss = nn.functional.cross_entropy,
) -> TrialInputs:
    """Make the trial of a small convolutional network with the usual operations.

    It has batch normalisation, a grouped convolution, an operation in place and, by default,
    dropout.

    Args:
        *extra: modules behind its hidden layer.
        dropout: the share of values that are dropped.
        images: N.
        size: H = W, in pixels.
        dtype: of weights and images.
        loss: the task's loss.
    """
    with torch_seeded(0, "contract", "weights"):
        network = nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            *extra,
            nn.Dropout(dropout),
            nn.Conv2d(6, 6, 3, groups=3),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(6, CLASSES),
        )
    return trial_of(network.to(dtype), images, size, dtype, loss)


def trial_of(
    network: nn.Module,
    images: int = 8,
    size: int = 6,
    dtype: torch.dtype = torch.float32,
    loss: Loss = nn.functional.cross_entropy,
) -> TrialInputs:
    """Make the trial of a network with N(0, 1) images and classes in turn."""
    with torch_seeded(0, "contract", "images"):
        first, second = (torch.randn(images, 3, size, size).to(dtype) for _ in range(2))
    labels = torch.arange(images) % CLASSES
    return TrialInputs(network.train(), first, labels, loss, 0, Batch(second, labels.flip(0)))


def reordered(trial: TrialInputs) -> TrialInputs:
    """Reorder the images of a trial with their labels."""
    order = torch.randperm(len(trial.images), generator=torch.Generator().manual_seed(0))
    return replace(
        trial,
        images=trial.images[order],
        labels=None if trial.labels is None else trial.labels[order],
    )


def changed(trial: TrialInputs, part: Part) -> TrialInputs:
    """Change one part of a trial, and nothing else.

    Args:
        trial: has a second batch.
        part: "weights", "images", "batch_size" or "seed".
    """
    labels, second = trial.labels, trial.second
    if labels is None or second is None:
        message = "a trial with labels and a second batch is needed"
        raise ValueError(message)
    match part:
        case "weights":
            with torch.no_grad(), torch_seeded(1, "contract", "weights"):
                for parameter in trial.network.parameters():
                    parameter.copy_(torch.randn_like(parameter))
            return trial
        case "images":
            with torch_seeded(1, "contract", "images"):
                first, other = (torch.randn_like(trial.images) for _ in range(2))
            return replace(trial, images=first, labels=labels.flip(0), second=Batch(other, labels))
        case "batch_size":
            half = slice(len(trial.images) // 2)
            smaller = second.map(lambda tensor: tensor[half])
            return replace(trial, images=trial.images[half], labels=labels[half], second=smaller)
        case "seed":
            return replace(trial, seed=trial.seed + 1)


def with_one_class(trial: TrialInputs) -> TrialInputs:
    """Set all labels of both batches to the first class."""
    labels = torch.zeros(len(trial.images), dtype=torch.int64)
    return replace(
        trial,
        labels=labels,
        second=None if trial.second is None else Batch(trial.second.images, labels),
    )


class Constant(nn.Module):
    """A network whose outputs do not depend on the images, with a unit that is always active."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(1, CLASSES)
        self.relu = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        """Use the number of images only."""
        ones = torch.ones(len(images), 1, dtype=images.dtype, device=images.device)
        outputs: Tensor = self.head(self.relu(ones))
        return outputs


def _without_weights() -> TrialInputs:
    return trial_of(nn.Sequential(nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()))


def _without_relu() -> TrialInputs:
    with torch_seeded(0, "contract", "weights"):
        layers = (
            nn.Conv2d(3, 6, 3),
            nn.GELU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(6, CLASSES),
        )
    return trial_of(nn.Sequential(*layers))


def _of_values() -> TrialInputs:
    trial = ordinary_trial(loss=nn.functional.mse_loss)
    values = nn.functional.one_hot(torch.arange(8) % CLASSES, CLASSES) - 0.5
    return replace(trial, labels=values, second=Batch(trial.images.flip(0), values.flip(0)))


def _not_a_number() -> TrialInputs:
    trial = ordinary_trial()
    with torch.no_grad():
        next(trial.network.parameters())[0, 0, 0, 0] = torch.nan
    return trial


EDGES: Mapping[str, Callable[[], TrialInputs]] = {
    "an ordinary network": ordinary_trial,
    "one image": lambda: ordinary_trial(images=1),
    "a batch without labels": lambda: replace(ordinary_trial(), labels=None),
    "a trial without second batch": lambda: replace(ordinary_trial(), second=None),
    "labels that are values": _of_values,
    "a network without ReLU": _without_relu,
    "a network without weights": _without_weights,
    "a network that ignores the images": lambda: trial_of(Constant()),
    "a weight that is not a number": _not_a_number,
}
