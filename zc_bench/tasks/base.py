"""The tasks that networks are trained for: images, head, loss and metric."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn

from zc_bench.registry import Registry

Loss = Callable[[Tensor, Tensor], Tensor]

# The target of a network, and the shape of the labels, for N images of H x W pixels:
#   class          int64 (N,), the class of the image
#   distribution   float32 (N, K), how likely each class is; int64 (N,) where only the class is known
#   permutation    int64 (N,), which of K permutations the image's nine tiles (N, 9, 3, h, w) were put in
#   input          float32 (N, 3, H, W), the normalised image itself
#   normals        float32 (N, 3, H, W), the directions of surfaces, in [-1, 1]
#   class map      int64 (N, H, W), the class of every pixel
#   values         float32 (N, K)
Target = Literal["class", "distribution", "permutation", "input", "normals", "class map", "values"]


@dataclass(frozen=True)
class Task:
    """A dataset with its head, loss and metric.

    Attributes:
        name: what users type.
        outputs: K, the number of classes, of values per image, or of channels per pixel.
        image_size: H = W of an image before it is cut into tiles, in pixels.
        mean: per channel, of images in [0, 1].
        std: per channel, of images in [0, 1].
        dataset: the dataset of the images.
        target: the target of the network.
        metric: what the ground truth measures; higher is better.
        loss: maps outputs and labels to the mean loss.
        objective: the loss, in words.
    """

    name: str
    outputs: int
    image_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    dataset: str = ""
    target: Target = "class"
    metric: str = "accuracy, percent"
    loss: Loss = nn.functional.cross_entropy
    objective: str = "cross-entropy"


def soft_cross_entropy(outputs: Tensor, labels: Tensor) -> Tensor:
    """Return the mean of -sum t ln(softmax(y) + 1e-5), as TransNAS-Bench-101 does.

    Args:
        outputs: (N, K).
        labels: float (N, K), rows that sum to one; or int64 (N,), classes.
    """
    if not labels.is_floating_point():
        labels = nn.functional.one_hot(labels, outputs.shape[1]).to(outputs.dtype)
    return -(labels * torch.log(outputs.softmax(1) + 1e-5)).sum(1).mean()


def with_image_size(task: Task, image_size: int | None) -> Task:
    """Return a task with images of another size, or unchanged where none is given.

    Args:
        task: the task.
        image_size: H = W, in pixels.
    """
    return task if image_size is None else replace(task, image_size=image_size)


task_registry: Registry[Task] = Registry("task")

# Normalisation as in NAS-Bench-201 and NAS-Bench-Suite-Zero.
_SCENE = Task(
    "class_scene",
    63,
    256,
    (0.5224, 0.5222, 0.5221),
    (0.2234, 0.2235, 0.2236),
    "Taskonomy",
    "distribution",
    loss=soft_cross_entropy,
    objective="cross-entropy with a distribution",
)
_AUTOENCODER = Task(
    "autoencoder",
    3,
    256,
    (0.5, 0.5, 0.5),
    (0.5, 0.5, 0.5),
    "Taskonomy",
    "input",
    "structural similarity (SSIM)",
    nn.functional.l1_loss,
    "mean absolute error",
)

for _task in (
    Task("cifar10", 10, 32, (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616), "CIFAR-10"),
    Task("cifar100", 100, 32, (0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762), "CIFAR-100"),
    Task(
        "imagenet16-120",
        120,
        16,
        (122.68 / 255, 116.66 / 255, 104.01 / 255),
        (63.22 / 255, 61.26 / 255, 65.09 / 255),
        "ImageNet16",
    ),
    Task("imagenet", 1000, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "ImageNet"),
    _SCENE,
    replace(_SCENE, name="class_object", outputs=100),
    # Tiles are not normalised.
    Task("jigsaw", 1000, 255, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "Taskonomy", "permutation"),
    _AUTOENCODER,
    replace(_AUTOENCODER, name="normal", target="normals"),
    replace(
        _AUTOENCODER,
        name="segmentsemantic",
        outputs=17,
        target="class map",
        metric="accuracy of pixels, percent",
        loss=nn.functional.cross_entropy,
        objective="cross-entropy per pixel",
    ),
    replace(
        _SCENE,
        name="room_layout",
        outputs=9,
        target="values",
        metric="negative loss",
        loss=nn.functional.mse_loss,
        objective="mean squared error",
    ),
):
    task_registry.register(_task.name, _task)
