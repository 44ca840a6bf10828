"""NAS-Bench-301: the cells of DARTS in a network of eight (Zela et al. 2022, arXiv:2008.09777).

The network is that of NAS-Bench-Suite-Zero, whose scores are published: 32 channels, no auxiliary
classifier, batch normalisation without scale and shift in the cells' operations.
"""

from zc_bench.spaces.base import space_registry
from zc_bench.spaces.darts.network import Skeleton
from zc_bench.spaces.darts.space import DartsSpace

space_registry.register(
    "nb301", DartsSpace("nb301", {"cifar10": Skeleton(width=32, cells=8, affine=False)})
)
