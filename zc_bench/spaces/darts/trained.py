"""DARTS: cells in networks for training (Liu et al. 2019, arXiv:1806.09055, section 3.2)."""

from zc_bench.spaces.base import Architecture, space_registry
from zc_bench.spaces.darts.network import Network, Skeleton
from zc_bench.spaces.darts.space import DartsSpace, cells_of

CIFAR = Skeleton(width=36, cells=20)
IMAGENET = Skeleton(width=48, cells=14, stem="imagenet")


def darts_network(
    architecture: Architecture,
    outputs: int,
    skeleton: Skeleton,
    *,
    auxiliary: bool = False,
    drop_path: float = 0.0,
) -> Network:
    """Build a network for training, in any size.

    Args:
        architecture: of the space `darts` or `nb301`.
        outputs: K, the number of classes.
        skeleton: `CIFAR`, `IMAGENET`, or another.
        auxiliary: whether to add an auxiliary classifier, whose loss has the weight 0.4 in DARTS.
        drop_path: the probability that an operation is left out for an image; DARTS raises it to
            0.2 on CIFAR-10.

    Returns:
        The network, with new weights from torch's global generator.
    """
    return Network(
        cells_of(architecture), outputs, skeleton, auxiliary=auxiliary, drop_path=drop_path
    )


space_registry.register("darts", DartsSpace("darts", {"cifar10": CIFAR, "imagenet": IMAGENET}))
