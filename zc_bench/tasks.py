"""The tasks that networks are trained for: data, loss, and the metric that counts."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from zc_bench.registry import Registry

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Task:
    """A dataset with its head, loss and metric.

    Attributes:
        name: what users type.
        classes: K, the number of classes.
        image_size: H = W, in pixels.
        mean: per channel, of images in [0, 1].
        std: per channel, of images in [0, 1].
        metric: what the ground truth measures.
        loss: maps outputs (N, K) and labels (N,) to the mean loss.
    """

    name: str
    classes: int
    image_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    metric: str = "validation accuracy, percent"
    loss: Loss = nn.functional.cross_entropy


tasks: Registry[Task] = Registry("task")

# Normalisation as in NAS-Bench-201 and NAS-Bench-Suite-Zero.
for _task in (
    Task("cifar10", 10, 32, (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
    Task("cifar100", 100, 32, (0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762)),
    Task(
        "imagenet16-120",
        120,
        16,
        (122.68 / 255, 116.66 / 255, 104.01 / 255),
        (63.22 / 255, 61.26 / 255, 65.09 / 255),
    ),
):
    tasks.register(_task.name, _task)
