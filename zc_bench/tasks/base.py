"""What a task is: images or text, head, loss, metric."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from torch import Tensor, nn

from zc_bench.registry import Registry

Loss = Callable[[Tensor, Tensor], Tensor]

# The target of a network, and the shape of the labels, for N images of H x W pixels:
#   class          int64 (N,), the class of the image
#   distribution   float32 (N, K), the probability of each class; or int64 (N,), one class
#   permutation    int64 (N,), which of K orders the nine tiles (N, 9, 3, h, w) of an image have
#   input          float32 (N, 3, H, W), the normalised image itself
#   normals        float32 (N, 3, H, W), the directions of surfaces, in [-1, 1]
#   class map      int64 (N, H, W), the class of every pixel
#   values         float32 (N, K)
#   none           no labels and no loss: the network has no head
Target = Literal[
    "class", "distribution", "permutation", "input", "normals", "class map", "values", "none"
]


@dataclass(frozen=True)
class Task:
    """A dataset with its head, loss and metric.

    Attributes:
        name: what users type.
        outputs: K, the number of classes, of values per image, or of channels per pixel.
        image_size: H = W of an image before it is cut into tiles, in pixels; the number of tokens
            of a text.
        mean: per channel, of images in [0, 1].
        std: per channel, of images in [0, 1].
        dataset: the dataset of the images.
        target: the target of the network.
        metric: what the ground truth measures; higher is better.
        loss: maps outputs and labels to the mean loss.
        objective: the loss, in words.
        vocabulary: how many tokens there are, of which texts are inputs; 0 where images are.
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
    vocabulary: int = 0

    @property
    def input(self) -> str:
        """The form of an input, in words."""
        if self.vocabulary:
            return f"{self.image_size} tokens of {self.vocabulary:,}"
        return f"3 x {self.image_size} x {self.image_size}"


def with_image_size(task: Task, image_size: int | None) -> Task:
    """Return a task with images of another size, or unchanged where none is given.

    Args:
        task: the task.
        image_size: H = W, in pixels; of a text, the number of tokens.
    """
    return task if image_size is None else replace(task, image_size=image_size)


task_registry: Registry[Task] = Registry("task")
