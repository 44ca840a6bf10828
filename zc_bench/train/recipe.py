"""The settings of a training: length, learning rate, regularisation."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from zc_bench.errors import expect, expect_whole
from zc_bench.registry import Registry
from zc_bench.spaces.darts.network import Skeleton
from zc_bench.spaces.darts.trained import CIFAR, IMAGENET


@dataclass(frozen=True)
class Recipe:
    """A training protocol: stochastic gradient descent with momentum.

    Attributes:
        skeleton: the form of the network, without its cells.
        epochs: the number of epochs.
        batch_size: N, images per step.
        learning_rate: the learning rate in the first epoch.
        decay: the factor of the learning rate from epoch to epoch; None for half a cosine to zero.
        momentum: the momentum of the gradient.
        weight_decay: the weight decay of all parameters.
        clip: the largest norm of the gradient.
        auxiliary: the weight of the auxiliary classifier's loss; 0 for no such classifier.
        drop_path: the probability that an operation is left out; it rises linearly from zero.
        label_smoothing: the share of a label that is uniform over classes.
        cutout: the side of the square that is cut out of every training image, in pixels; 0 for
            none.
        photographs: whether images are random parts of photographs with changed colours, instead of
            images shifted by a few pixels.
        images: the largest number of images for training and for validation; None for all.
    """

    skeleton: Skeleton
    epochs: int
    batch_size: int
    learning_rate: float
    decay: float | None = None
    momentum: float = 0.9
    weight_decay: float = 3e-4
    clip: float = 5.0
    auxiliary: float = 0.4
    drop_path: float = 0.0
    label_smoothing: float = 0.0
    cutout: int = 0
    photographs: bool = False
    images: int | None = None

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        expect_whole("epochs", self.epochs, most=1_000_000)
        expect_whole("batch_size", self.batch_size, most=1 << 16, least=2)
        expect(self.learning_rate > 0, "learning_rate", self.learning_rate, "a number above 0")
        expect_whole("width", self.skeleton.width, most=4096, least=2)
        # With fewer cells, both reduction cells are the same, and the map of the auxiliary
        # classifier is too large.
        expect_whole("cells", self.skeleton.cells, most=1000, least=2)

    def learning_rate_in(self, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 0."""
        if self.decay is not None:
            return self.learning_rate * self.decay**epoch
        return self.learning_rate * (1 + math.cos(math.pi * epoch / self.epochs)) / 2

    def drop_path_in(self, epoch: int) -> float:
        """Return the drop-path probability of an epoch, counted from 0."""
        return self.drop_path * epoch / self.epochs

    def smoke(self) -> "Recipe":
        """Return the recipe of a smoke test: a narrow network, few images, two epochs."""
        skeleton = replace(self.skeleton, width=8, cells=5)
        return replace(self, skeleton=skeleton, epochs=2, batch_size=32, images=512)


recipes: Registry[Mapping[str, Recipe]] = Registry("training preset")
# By task: the scripts train.py and train_imagenet.py of github.com/quark0/darts, with the paper's
# numbers where their defaults differ.
recipes.register(
    "darts",
    {
        "cifar10": Recipe(
            CIFAR, epochs=600, batch_size=96, learning_rate=0.025, drop_path=0.2, cutout=16
        ),
        "imagenet": Recipe(
            IMAGENET,
            epochs=250,
            batch_size=128,
            learning_rate=0.1,
            decay=0.97,
            weight_decay=3e-5,
            label_smoothing=0.1,
            photographs=True,
        ),
    },
)
